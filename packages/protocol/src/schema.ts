/** One reason why a value does not fit a schema. `message` says what was expected, never what was found. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** `code` is the error code of the protocol for this issue; `invalid_message` when absent. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

export type SchemaResult<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } };

/**
 * What users see of the zod schemas: a check that returns the known fields of a value, or what is wrong with it.
 * It is structural, so that the schema library is no part of the public types.
 */
export interface Schema<T> {
  safeParse(value: unknown): SchemaResult<T>;
}
