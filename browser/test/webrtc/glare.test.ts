import { describeGlare } from "../../../packages/webrtc/test/suites/glare.js";

describeGlare();
