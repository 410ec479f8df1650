import { chromium } from "../../src/matrix/implementations.js";
import { describeColumn } from "./suite.js";

describeColumn(chromium);
