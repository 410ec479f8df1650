import * as nodeModule from "node:module";

/**
 * Lets Node keep what it compiles from now on in the temporary folder, for the next start; `NODE_COMPILE_CACHE` names
 * another folder and `NODE_DISABLE_COMPILE_CACHE=1` turns it off. Node 20 has no such cache, and starts without.
 */
export function keepCompiledCode(
  host: { readonly enableCompileCache?: () => unknown } = nodeModule,
): void {
  host.enableCompileCache?.();
}
