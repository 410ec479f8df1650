import type { MediaKind, Recorder, RecordingSummary } from "../sinks/recorder.js";
import { openRecorder } from "../sinks/recorder.js";
import { openAudioSource } from "../sources/audio.js";
import { openVideoSource } from "../sources/video.js";
import type { Codecs } from "./codecs.js";
import type { StartOptions } from "./options.js";
import { inspectAudio, inspectVideo, type Inspector } from "./receive/inspect.js";
import { outgoingAudio, outgoingVideo, type Outgoing } from "./send/pump.js";

type Hold = <T extends AsyncDisposable>(opening: Promise<T>) => Promise<T>;
type Inspectors = Partial<Record<MediaKind, Inspector>>;

/** The files and codecs of one call. */
export class Media implements AsyncDisposable {
  readonly sources: readonly Outgoing[];
  readonly recorder: Recorder | undefined;
  /** What looks at what comes. Once, and late: nobody has to wait for a decoder before the server knows of us. */
  readonly openInspectors: () => Promise<Readonly<Inspectors>>;
  readonly #held: readonly AsyncDisposable[];
  #recording: Promise<RecordingSummary> | undefined;

  private constructor(
    parts: Pick<Media, "sources" | "recorder" | "openInspectors">,
    held: readonly AsyncDisposable[],
  ) {
    this.sources = parts.sources;
    this.recorder = parts.recorder;
    this.openInspectors = parts.openInspectors;
    this.#held = held;
  }

  /** Opens all files before anybody is called: one that cannot be used is told at once. @throws ExitError, ConicError. */
  static async open(options: StartOptions, codecs: Codecs): Promise<Media> {
    const held: AsyncDisposable[] = [];
    const hold: Hold = async (opening) => {
      const opened = await opening;
      held.push(opened);
      return opened;
    };
    try {
      const files = await openFiles(options, codecs, hold);
      const inspectors = (): Promise<Inspectors> => openInspectors(options, codecs, hold);
      return new Media({ ...files, openInspectors: inspectors }, held);
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

async function openFiles(
  { audio, video, record, kinds }: StartOptions,
  { opus, vp8 }: Codecs,
  hold: Hold,
): Promise<Pick<Media, "sources" | "recorder">> {
  const sources: Outgoing[] = [];
  if (audio !== undefined) {
    const source = await hold(openAudioSource(audio.source, opus));
    sources.push(outgoingAudio(source, audio.isEndless));
  }
  if (video !== undefined) {
    const source = await hold(openVideoSource(video.source, vp8));
    sources.push(outgoingVideo(source, video.isEndless));
  }
  const recorder =
    record === undefined ? undefined : await hold(openRecorder(record, { kinds, opus }));
  return { sources, recorder };
}

async function openInspectors(
  { kinds, verify }: StartOptions,
  { opus, vp8 }: Codecs,
  hold: Hold,
): Promise<Inspectors> {
  const inspectors: Inspectors = {};
  if (kinds.includes("audio")) inspectors.audio = await hold(inspectAudio(opus));
  if (verify) inspectors.video = await hold(inspectVideo(vp8));
  return inspectors;
}

async function dispose(held: readonly AsyncDisposable[]): Promise<void> {
  await Promise.allSettled(held.map((one) => one[Symbol.asyncDispose]()));
}
