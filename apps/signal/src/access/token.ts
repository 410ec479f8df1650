import { isClientId, type ClientId } from "@conic/domain";
import {
  formatHelp,
  parseCommandLine,
  usageError,
  type Environment,
  type Flags,
} from "@conic/internal-cli";
import type { MintTokenOptions, Permission } from "@conic/server";
import { signerFlags } from "./flags.js";
import { readSecret } from "./secrets.js";

const permissions: readonly Permission[] = ["call", "rooms", "relay"];
const unitS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const summary = "Prints a token for tests and demos, signed HS256";

const flags = {
  id: {
    type: "string",
    placeholder: "ID",
    help: "The id that its holder gets; without it, any that it asks for",
  },
  rooms: {
    type: "string",
    placeholder: "NAME[,NAME]",
    help: "Rooms that it opens; a name that ends in * is a prefix; without it, all",
  },
  may: {
    type: "string",
    placeholder: "WHAT[,WHAT]",
    help: `What it allows, of ${permissions.join(", ")}; without it, everything`,
  },
  ttl: {
    type: "string",
    default: "1h",
    placeholder: "TIME",
    help: "How long it is valid, such as 90s, 15m, 12h or 7d",
  },
  ...signerFlags,
} as const satisfies Flags;

export type TokenCommand =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" }
  | { readonly kind: "token"; readonly options: MintTokenOptions };

function list(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim());
}

function parseId(text: string): ClientId {
  if (isClientId(text)) return text;
  throw usageError("--id is 1 to 64 characters out of A-Z a-z 0-9 . _ ~ @ : -");
}

function parsePermission(text: string): Permission {
  const found = permissions.find((permission) => permission === text);
  if (found !== undefined) return found;
  throw usageError(`--may is one or more of ${permissions.join(", ")}, not "${text}"`);
}

function parseTtl(text: string): number {
  const groups = /^(?<count>[1-9]\d{0,8})(?<unit>[smhd])?$/.exec(text)?.groups;
  const unit = groups?.["unit"] as keyof typeof unitS | undefined;
  const ttlS = Number(groups?.["count"]) * unitS[unit ?? "s"];
  // Ten years: more is a slip, and a token cannot be called back.
  if (ttlS <= 10 * 365 * unitS.d) return ttlS;
  throw usageError(`--ttl is a time up to 3650d, such as 90s, 15m, 12h or 7d, not "${text}"`);
}

/** @throws ExitError with code 2 and one line that says what is wrong. */
export function readTokenCommand(argv: readonly string[], env: Environment): TokenCommand {
  const { values, positionals, help, version } = parseCommandLine(flags, argv, env);
  if (help) {
    const footer = [
      "Example: conic-signal token --auth-secret-file=secret.txt --id=alice --ttl=15m",
    ];
    const usage = "conic-signal token [options]";
    return { kind: "help", text: formatHelp({ usage, summary, flags, footer }) };
  }
  if (version) return { kind: "version" };
  if (positionals[0] !== undefined) throw usageError(`unexpected argument "${positionals[0]}"`);
  const path = values["auth-secret-file"];
  const secret = readSecret("--auth-secret-file", path, "CONIC_AUTH_SECRET", env);
  if (secret === undefined) throw usageError("a token needs --auth-secret-file");
  const { id, rooms, may, ttl, "auth-audience": audience, "auth-issuer": issuer } = values;
  return {
    kind: "token",
    options: {
      secret: Buffer.from(secret.text),
      ttlS: parseTtl(ttl),
      ...(id === undefined ? {} : { id: parseId(id) }),
      ...(rooms === undefined ? {} : { rooms: list(rooms) }),
      ...(may === undefined ? {} : { may: list(may).map(parsePermission) }),
      ...(audience === undefined ? {} : { audience }),
      ...(issuer === undefined ? {} : { issuer }),
    },
  };
}

export const tokenCommand: { readonly name: string; readonly summary: string } = {
  name: "token",
  summary,
};
