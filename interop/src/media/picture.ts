import type { VideoFrame } from "@conic/domain";

/** What `picture` of senses.js gives, in JSON with its data in base64. */
export interface Picture {
  readonly format: string;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly layout: readonly { readonly offset: number; readonly stride: number }[];
  readonly data: Buffer;
}

export function parsePicture(json: string): Picture {
  const picture = JSON.parse(json) as Omit<Picture, "data"> & { readonly data: string };
  return { ...picture, data: Buffer.from(picture.data, "base64") };
}

/** The picture without the padding of its rows. @throws Error when it is not I420. */
export function frameOf(picture: Picture): VideoFrame {
  const { format, codedWidth, codedHeight, layout } = picture;
  if (format !== "I420") throw new Error(`the browser shows ${format}, and not I420`);
  const planes = layout.flatMap(({ offset, stride }, plane) => {
    const scale = plane === 0 ? 1 : 2;
    const [columns, rows] = [Math.ceil(codedWidth / scale), Math.ceil(codedHeight / scale)];
    return Array.from({ length: rows }, (_, row) =>
      picture.data.subarray(offset + row * stride, offset + row * stride + columns),
    );
  });
  return { codedWidth, codedHeight, timestamp: 0, duration: 0, data: Buffer.concat(planes) };
}
