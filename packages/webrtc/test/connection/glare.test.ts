import { describeGlare } from "../suites/glare.js";

describeGlare();
