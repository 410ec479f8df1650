import { project } from "../vitest.shared.ts";

const config = project("interop");

// Two files at a time, for most of them wait for somebody else; and after the other projects, whose number differs.
export default {
  ...config,
  test: { ...config.test, maxWorkers: 2, sequence: { groupOrder: 1 } },
};
