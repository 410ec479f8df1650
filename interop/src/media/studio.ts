import { tone } from "@conic/audio";
import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import { countedPattern } from "@conic/video";
import { AudioTrack, VideoTrack } from "@conic/webrtc";

const frameMs = 20;
const framerate = 30;

export const pictureSize = { width: 640, height: 480 } as const;

/** A tone and a counted pattern, encoded and written in real time. */
export class Studio implements AsyncDisposable {
  readonly audio: AudioTrack;
  readonly video: VideoTrack;
  readonly #stop: () => Promise<void>;

  private constructor(audio: AudioTrack, video: VideoTrack, stop: () => Promise<void>) {
    this.audio = audio;
    this.video = video;
    this.#stop = stop;
  }

  static async open(frequency = 440): Promise<Studio> {
    const audio = new AudioTrack();
    const video = new VideoTrack();
    const opus = await createOpusCodec().createEncoder({ numberOfChannels: 2 });
    const vp8 = await createVp8Codec().createEncoder({ ...pictureSize, framerate });
    const pattern = countedPattern({ ...pictureSize, framerate });
    const sound = tone({ frequency, channels: 2, framesPerBlock: opus.frameSamples });
    const startedAt = performance.now();
    let packets = 0;
    let frames = 0;
    let wantsKey = false;
    video.on("keyframerequest", () => {
      wantsKey = true;
    });
    const pending = new Set<Promise<void>>();
    const encode = async (index: number): Promise<void> => {
      const keyFrame = wantsKey;
      wantsKey = false;
      const chunk = await vp8.encode(pattern.frameAt(index), { keyFrame });
      if (chunk !== undefined) video.write(chunk);
    };
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startedAt;
      for (; packets * frameMs < elapsedMs; packets += 1) {
        const block = sound.next();
        if (block.done !== true) audio.write(opus.encode(block.value, packets * frameMs * 1_000));
      }
      for (; (frames * 1_000) / framerate < elapsedMs; frames += 1) {
        if (vp8.encodeQueueSize >= 3) continue;
        const work = encode(frames).finally(() => pending.delete(work));
        pending.add(work);
      }
    }, 5);
    return new Studio(audio, video, async () => {
      clearInterval(timer);
      await Promise.all(pending);
      opus.close();
      await vp8.close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
