import { describeCalls } from "../../../packages/client/test/suites/calls.js";
import { PageWorld } from "./world.js";

describeCalls(() => Promise.resolve(new PageWorld()));
