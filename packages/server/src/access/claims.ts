import { ConicError, isClientId } from "@conic/domain";
import { permissions, type Grant, type Permission } from "./grant.js";

/** The claims of a token whose signature and times were checked. */
export type Claims = Readonly<Record<string, unknown>>;

function texts(claims: Claims, name: string): readonly string[] | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  // Not "as if it were missing": missing means everything.
  throw new ConicError("unauthorized", `the claim ${name} of the token is no list of strings`);
}

function isPermission(text: string): text is Permission {
  return (permissions as readonly string[]).includes(text);
}

/**
 * What a token grants: `sub` is the id, `rooms` and `may` are lists, `exp` is its end. Permissions that this
 * version does not know are left out, and grant nothing.
 * @throws ConicError `unauthorized` for a claim of the wrong kind.
 */
export function grantOf(claims: Claims, clockToleranceS: number): Grant {
  const { sub, exp } = claims;
  if (sub !== undefined && !isClientId(sub)) {
    throw new ConicError("unauthorized", "the claim sub of the token is no id");
  }
  if (typeof exp !== "number") {
    throw new ConicError("unauthorized", "the token has no claim exp; ask for one that ends");
  }
  const may = texts(claims, "may");
  const rooms = texts(claims, "rooms");
  return {
    ...(sub === undefined ? {} : { id: sub }),
    ...(may === undefined ? {} : { may: may.filter(isPermission) }),
    ...(rooms === undefined ? {} : { rooms }),
    expiresAt: (exp + clockToleranceS) * 1000,
  };
}
