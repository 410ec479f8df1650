const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "the path has too many symbolic links",
  EISDIR: "it is a directory",
};

/** What the system said about a file, in words. @param missing what a missing file means to the caller */
export function reason(error: unknown, missing: string): string {
  const code = codeOf(error);
  if (code === "ENOENT") return missing;
  const text = error instanceof Error ? error.message : String(error);
  return reasons[code ?? ""] ?? text;
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
