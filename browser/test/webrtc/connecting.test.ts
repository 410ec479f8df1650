import { describeConnecting } from "../../../packages/webrtc/test/suites/connecting.js";

describeConnecting();
