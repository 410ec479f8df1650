/** How loud a microphone is, also while there is no call. */
export class MicrophoneLevel {
  #context = new AudioContext();
  #analyser;
  #samples;

  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.#analyser = this.#context.createAnalyser();
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  /** Root mean square of the last moment, 0 to 1. */
  read() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.min(1, Math.sqrt(sum / this.#samples.length));
  }

  close() {
    void this.#context.close();
  }
}
