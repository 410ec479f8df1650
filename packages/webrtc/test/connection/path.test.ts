import { describePathSearch } from "../suites/path-search.js";

describePathSearch();
