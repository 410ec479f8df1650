import { appPath, Program } from "./program.js";

/** A signaling server of its own, in a process of its own. */
export class SignalServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly program: Program;

  private constructor(program: Program, url: string) {
    this.program = program;
    this.url = url;
    this.port = Number(new URL(url).port);
  }

  /** Starts on `port`, or on a free one. Resolves once it listens. */
  static async start(port = 0, args: readonly string[] = []): Promise<SignalServer> {
    const program = new Program("signal", process.execPath, [
      appPath("signal"),
      `--port=${port}`,
      ...args,
    ]);
    try {
      const url = await program.stdout.until("its URL", () => {
        return /^Conic signaling server on (ws:\S+)$/m.exec(program.stdout.text)?.[1];
      });
      return new SignalServer(program, url);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Ends without a goodbye, as a crash does. */
  async crash(): Promise<void> {
    this.program.kill("SIGKILL");
    await this.program.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}
