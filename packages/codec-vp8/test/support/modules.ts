// Modules that stand in for a package, as URLs that a worker can import.

export const notInstalled = "@conic/no-such-package";

/** A module of the given text. */
export function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** libav.js as far as the worker needs it for encoding; `encode` is the body of its function. */
export function fakeLibav(encode: string): string {
  return moduleOf(`
    const libav = new Proxy({ HEAPU8: new Uint8Array(1 << 24) }, {
      get(target, name) {
        if (name === "then") return undefined;
        if (name === "ff_encode_multi_sync") return () => { ${encode} };
        if (name === "ff_init_encoder_sync") return () => [1, 2, 3, 4, 5];
        return name in target ? target[name] : () => 64;
      },
    });
    let calls = 0;
    export default { LibAV: async () => libav };
  `);
}
