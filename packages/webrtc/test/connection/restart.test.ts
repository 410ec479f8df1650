import { describeRestartedRemotes } from "../suites/restart.js";

describeRestartedRemotes();
