// The worker that decodes tiles and carries them through the table of the slide's colours (lut.ts), off the page's thread.

import { apply } from "./lut";

/** First the table, then tiles. */
export type ToWorker = { readonly table: Int16Array } | { readonly id: number; readonly picture: Blob };
/** No bitmap: the bytes are no picture. `ms`: what it cost without the decoding. */
export interface FromWorker {
  readonly id: number;
  readonly bitmap?: ImageBitmap;
  readonly ms?: number;
}

const scope = self as unknown as { postMessage(message: FromWorker, transfer: Transferable[]): void };
let table: Int16Array | undefined;
let canvas: OffscreenCanvas | undefined;

async function shown(picture: Blob): Promise<{ bitmap: ImageBitmap; ms: number }> {
  // What a tile says of its colours itself is not believed: the slide's profile is what counts.
  const decoded = await createImageBitmap(picture, { colorSpaceConversion: "none" });
  const began = performance.now();
  const { width, height } = decoded;
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false, colorSpace: "srgb" })!;
  context.drawImage(decoded, 0, 0);
  decoded.close();
  const pixels = context.getImageData(0, 0, width, height);
  apply(table!, pixels.data);
  const bitmap = await createImageBitmap(pixels, { colorSpaceConversion: "none" });
  return { bitmap, ms: performance.now() - began };
}

self.addEventListener("message", (event: MessageEvent<ToWorker>) => {
  const { data } = event;
  if ("table" in data) {
    table = data.table;
    return;
  }
  shown(data.picture).then(
    ({ bitmap, ms }) => scope.postMessage({ id: data.id, bitmap, ms }, [bitmap]),
    () => scope.postMessage({ id: data.id }, []),
  );
});
