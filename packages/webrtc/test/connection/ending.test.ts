import { describeEndings } from "../suites/ending.js";

describeEndings();
