/** `T` that has passed a check named `B`; only the parser of that name makes one. */
export type Brand<T, B extends string> = T & { readonly __brand: B };
