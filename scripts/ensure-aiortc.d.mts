/** A Python that can import aiortc; `AIORTC_PYTHON` of the environment goes first. */
export function findAiortc(): string | undefined;
