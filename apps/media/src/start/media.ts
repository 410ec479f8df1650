import type { MediaKind, Recorder, RecordingSummary } from "../sinks/recorder.js";
import { openRecorder } from "../sinks/recorder.js";
import { openAudioSource } from "../sources/audio.js";
import { openVideoSource } from "../sources/video.js";
import type { Codecs } from "./codecs.js";
import type { StartOptions } from "./options.js";
import { inspectAudio, inspectVideo, type Inspector } from "./receive/inspect.js";
import { outgoingAudio, outgoingVideo, type Outgoing } from "./send/pump.js";

/** The files and codecs of one call, open. */
export class Media implements AsyncDisposable {
  readonly sources: readonly Outgoing[];
  readonly recorder: Recorder | undefined;
  readonly inspectors: Readonly<Partial<Record<MediaKind, Inspector>>>;
  readonly #held: readonly AsyncDisposable[];
  #recording: Promise<RecordingSummary> | undefined;

  private constructor(
    parts: Pick<Media, "sources" | "recorder" | "inspectors">,
    held: readonly AsyncDisposable[],
  ) {
    this.sources = parts.sources;
    this.recorder = parts.recorder;
    this.inspectors = parts.inspectors;
    this.#held = held;
  }

  /** Opens everything before anybody is called: a file that cannot be used is told at once. @throws ExitError, ConicError. */
  static async open(options: StartOptions, codecs: Codecs): Promise<Media> {
    const held: AsyncDisposable[] = [];
    const hold = async <T extends AsyncDisposable>(opening: Promise<T>): Promise<T> => {
      const opened = await opening;
      held.push(opened);
      return opened;
    };
    try {
      return new Media(await openParts(options, codecs, hold), held);
    } catch (error) {
      await dispose(held);
      throw error;
    }
  }

  /** Completes the recording, once. */
  finishRecording(): Promise<RecordingSummary | undefined> {
    this.#recording ??= this.recorder?.close();
    return this.#recording ?? Promise.resolve(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await dispose(this.#held);
  }
}

async function openParts(
  options: StartOptions,
  { opus, vp8 }: Codecs,
  hold: <T extends AsyncDisposable>(opening: Promise<T>) => Promise<T>,
): Promise<Pick<Media, "sources" | "recorder" | "inspectors">> {
  const { audio, video, record, kinds, verify } = options;
  const sources: Outgoing[] = [];
  if (audio !== undefined) {
    const source = await hold(openAudioSource(audio.source, opus));
    sources.push(outgoingAudio(source, audio.isEndless));
  }
  if (video !== undefined) {
    const source = await hold(openVideoSource(video.source, vp8));
    sources.push(outgoingVideo(source, video.isEndless));
  }
  const inspectors: Partial<Record<MediaKind, Inspector>> = {};
  if (kinds.includes("audio")) inspectors.audio = await hold(inspectAudio(opus));
  if (verify) inspectors.video = await hold(inspectVideo(vp8));
  const recorder =
    record === undefined ? undefined : await hold(openRecorder(record, { kinds, opus }));
  return { sources, recorder, inspectors };
}

async function dispose(held: readonly AsyncDisposable[]): Promise<void> {
  await Promise.allSettled(held.map((one) => one[Symbol.asyncDispose]()));
}
