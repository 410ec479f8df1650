import { describeEndings } from "../../../packages/webrtc/test/suites/ending.js";

describeEndings();
