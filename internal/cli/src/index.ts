export {
  parseCommandLine,
  type Environment,
  type ParsedCommandLine,
} from "./command-line/parse.js";
export { keepCompiledCode } from "./compile-cache.js";
export { printable } from "./client/printable.js";
export { callFlags, serverFlags } from "./client/flags.js";
export { peerError, serverUrl, sessionError, startError } from "./client/server.js";
export { readToken, type Token, type TokenOptions } from "./client/token.js";
export {
  defineCommand,
  processIo,
  runCommand,
  type Command,
  type CommandHost,
  type CommandIo,
  type CommandSpec,
  type Program,
} from "./commands.js";
export { ExitError, exitCodes, usageError, type ExitCode } from "./exit-codes.js";
export type {
  BooleanFlag,
  Flag,
  Flags,
  FlagValues,
  NumberChoiceFlag,
  NumberFlag,
  StringFlag,
} from "./command-line/flags.js";
export { formatHelp, type HelpText } from "./command-line/help.js";
export { joinRepeated, parseIceServers } from "./ice-servers.js";
export { createLogger, logFormats, logLevels, type LogFormat, type LogLevel } from "./logger.js";
export { runMain, type MainHost } from "./main.js";
export { stopSignal, type SignalSource, type StopSignalName } from "./stop-signal.js";
