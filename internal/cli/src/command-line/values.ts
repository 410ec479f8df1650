import { usageError } from "../exit-codes.js";
import type { Flag, NumberChoiceFlag, NumberFlag } from "./flags.js";

// Decimal only: what else `Number` takes, such as 1e3 or 0x10, is more likely a mistake.
const decimal = /^-?(\d+\.?\d*|\.\d+)$/;

/** Whether a text is a number for a flag, whatever its range. */
export function isNumeric(text: string): boolean {
  return decimal.test(text.trim());
}

function parseNumber(name: string, flag: NumberFlag | NumberChoiceFlag, text: string): number {
  const value = isNumeric(text) ? Number(text) : Number.NaN;
  if ("choices" in flag) {
    if (flag.choices.includes(value)) return value;
    throw usageError(`${name} is one of ${flag.choices.join(", ")}, not "${text}"`);
  }
  const whole = flag.integer !== false;
  const rightKind = whole ? Number.isInteger(value) : !Number.isNaN(value);
  if (rightKind && value >= flag.min && value <= flag.max) return value;
  const kind = whole ? "a whole number" : "a number";
  throw usageError(`${name} is ${kind} from ${flag.min} to ${flag.max}, not "${text}"`);
}

function parseBoolean(name: string, text: string): boolean {
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no", "off", ""].includes(text.toLowerCase())) return false;
  throw usageError(`${name} is true or false, not "${text}"`);
}

/** `name` is what the user wrote it as: a flag or a variable. @throws ExitError with code 2. */
export function parseValue(name: string, flag: Flag, text: string): string | number | boolean {
  switch (flag.type) {
    case "number":
      return parseNumber(name, flag, text);
    case "boolean":
      return parseBoolean(name, text);
    case "string":
      if (flag.choices !== undefined && !flag.choices.includes(text)) {
        throw usageError(`${name} is one of ${flag.choices.join(", ")}, not "${text}"`);
      }
      return text;
  }
}
