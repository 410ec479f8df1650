/**
 * The path emulator as a process. What it holds back outlives the collections of a small young generation, which copy it: half
 * of its time went there, and two cores are all that it and both peers have.
 *
 * @type {import("./types.ts").Program}
 */
export const pathProgram = {
  file: "./datachannel/path.mjs",
  args: [],
  execArgv: ["--max-semi-space-size=64"],
};
