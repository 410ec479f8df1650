import { describePathSearch } from "../../../packages/webrtc/test/suites/path-search.js";

describePathSearch();
