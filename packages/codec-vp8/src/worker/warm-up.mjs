/** Pictures that pass through before the first real one: that would take tens of milliseconds otherwise. */
export const warmUpFrames = 3;

/**
 * Not of one colour, and moving: all of a codec is to run.
 * @param {number} width
 * @param {number} height
 * @param {number} frame
 */
export function testPicture(width, height, frame) {
  const bytes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) data[at] = (at >> 3) + frame * 5;
  return data;
}
