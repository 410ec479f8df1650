import { describeCalls } from "./suites/calls.js";
import { World } from "./world.js";

describeCalls(() => World.start());
