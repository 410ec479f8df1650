export { ExitError, exitCodes, type ExitCode } from "./exit-codes.js";
export {
  parseCommandLine,
  type BooleanFlag,
  type Flag,
  type FlagValues,
  type Flags,
  type NumberFlag,
  type ParsedCommandLine,
  type StringFlag,
} from "./flags.js";
export { formatHelp, type HelpText } from "./help.js";
export { createLogger, logFormats, logLevels, type LogFormat, type LogLevel } from "./logger.js";
export { runMain, stopSignal } from "./main.js";
