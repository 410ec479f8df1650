import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface RecordedStream {
  readonly codec: string;
  /** Decoded. */
  readonly frames: number;
}

export interface RecordedFile {
  readonly streams: readonly RecordedStream[];
  /** When its last packet begins. What a header says is a guess where pictures come now and then. */
  readonly seconds: number;
}

/** What decoders that are not ours find in a file. @throws Error with all that they do not like, warnings too. */
export async function decodeFile(file: string): Promise<RecordedFile> {
  // The times as they are: ffmpeg rounds them to a frame rate that it guesses, and warns of two that become one.
  const times = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];
  const { stderr } = await run("ffmpeg", [
    "-v",
    "warning",
    "-i",
    file,
    ...times,
    "-f",
    "null",
    "-",
  ]);
  // It guesses that two channels are left and right.
  const warnings = stderr.replace(/^Guessed Channel Layout .*\n/, "");
  if (warnings !== "") throw new Error(`ffmpeg on ${file}: ${warnings}`);
  const wanted = "packet=pts_time:stream=codec_name,nb_read_frames";
  const args = ["-v", "error", "-count_frames", "-show_entries", wanted, "-of", "json", file];
  const { stdout } = await run("ffprobe", args);
  const { streams, packets } = JSON.parse(stdout) as {
    readonly streams: readonly { readonly codec_name: string; readonly nb_read_frames: string }[];
    readonly packets: readonly { readonly pts_time?: string }[];
  };
  const last = packets.reduce((most, { pts_time: at = "0" }) => Math.max(most, Number(at)), 0);
  return {
    streams: streams
      .map(({ codec_name: codec, nb_read_frames: frames }) => ({ codec, frames: Number(frames) }))
      .toSorted((a, b) => (a.codec < b.codec ? -1 : 1)),
    seconds: last,
  };
}

/** The largest sample of the first sound of a file, 0 to 1. */
export async function loudest(file: string): Promise<number> {
  const args = ["-v", "error", "-i", file, "-map", "0:a:0", "-f", "f32le", "-ac", "1", "-"];
  const { stdout } = await run("ffmpeg", args, { encoding: "buffer", maxBuffer: 2 ** 28 });
  const samples = new Float32Array(
    stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length),
  );
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** How different the pixels of a picture are, the `second`th one: 0 for one colour, up to 127. */
export async function contrast(file: string, second: number): Promise<number> {
  const pictures = ["-map", "0:v:0", "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"];
  const args = ["-v", "error", "-ss", String(second), "-i", file, ...pictures];
  const { stdout } = await run("ffmpeg", args, { encoding: "buffer", maxBuffer: 2 ** 28 });
  const mean = stdout.reduce((sum, value) => sum + value, 0) / stdout.length;
  const squares = stdout.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / stdout.length);
}
