import { createInterface } from "node:readline";

export interface KeyHandlers {
  readonly onQuit: () => void;
  readonly onMute: () => void;
  readonly onDetails: () => void;
}

export const keyHelp = "Enter: details, m: mute, q: quit";

/** Keys without Enter, until the returned function is called. */
export function readKeys(input: NodeJS.ReadStream, handlers: KeyHandlers): () => void {
  const onData = (data: Buffer): void => {
    const text = data.toString();
    // Such as an arrow key.
    if (text.startsWith("\u001b")) return;
    for (const key of text) {
      if (key === "q" || key === "\u0003" || key === "\u0004") handlers.onQuit();
      else if (key === "m") handlers.onMute();
      else if (key === "\r" || key === "\n") handlers.onDetails();
    }
  };
  // A terminal that went away cannot be read, nor can its mode be changed.
  const onError = (): void => {
    handlers.onQuit();
  };
  input.setRawMode(true);
  input.on("data", onData);
  input.on("error", onError);
  input.on("end", onError);
  input.resume();
  return () => {
    input.off("data", onData);
    input.off("end", onError);
    try {
      input.setRawMode(false);
    } catch {
      // It is gone.
    }
    input.pause();
  };
}

/** Asks one question; undefined when the person leaves, or the signal fires. */
export function ask(
  question: string,
  streams: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const reader = createInterface({ ...streams, terminal: true });
    const close = (): void => reader.close();
    let answer: string | undefined;
    reader.on("line", (line) => {
      answer = line.trim();
      if (answer === "") reader.prompt();
      else reader.close();
    });
    reader.on("SIGINT", close);
    reader.on("error", close);
    reader.on("close", () => {
      signal.removeEventListener("abort", close);
      if (answer === undefined) streams.output.write("\n");
      resolve(answer === "" ? undefined : answer);
    });
    signal.addEventListener("abort", close, { once: true });
    reader.setPrompt(question);
    reader.prompt();
    if (signal.aborted) close();
  });
}
