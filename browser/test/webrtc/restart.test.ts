import { describeRestartedRemotes } from "../../../packages/webrtc/test/suites/restart.js";

describeRestartedRemotes();
