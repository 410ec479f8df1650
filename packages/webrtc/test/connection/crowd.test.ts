import { describeCrowds } from "../suites/crowd.js";

describeCrowds();
