// Runs in pages: what their elements show and play.

/**
 * The picture that is shown, as I420 in base64; undefined before there is one.
 * @param {HTMLVideoElement} video
 */
export async function picture(video) {
  if (video.videoWidth === 0) return undefined;
  const frame = new VideoFrame(video);
  try {
    const bytes = new Uint8Array(frame.allocationSize());
    const layout = await frame.copyTo(bytes);
    const { format, codedWidth, codedHeight } = frame;
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return JSON.stringify({ format, codedWidth, codedHeight, layout, data: btoa(text) });
  } finally {
    frame.close();
  }
}

/**
 * The strongest frequency in the sound that is played, in Hz, from the samples of most of a second.
 * @param {MediaStream} stream
 */
export async function frequency(stream) {
  const context = new AudioContext({ sampleRate: 48_000 });
  try {
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 32_768, smoothingTimeConstant: 0 });
    context.createMediaStreamSource(stream).connect(analyser);
    await new Promise((resolve) => {
      setTimeout(resolve, 1_000);
    });
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const peak = bins.indexOf(Math.max(...bins));
    return (peak * context.sampleRate) / analyser.fftSize;
  } finally {
    await context.close();
  }
}
