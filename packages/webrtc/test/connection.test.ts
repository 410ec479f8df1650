import { describeConnecting } from "./suites/connecting.js";

describeConnecting();
