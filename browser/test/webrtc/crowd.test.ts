import { describeCrowds } from "../../../packages/webrtc/test/suites/crowd.js";

describeCrowds();
