export { FakeClock } from "./fake-clock.js";
export { watchLeaks } from "./leaks.js";
