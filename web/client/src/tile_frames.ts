// What is pushed of a slide: binary messages from the server, each alone in its WebSocket message. Mirrors
// realtime/tile_frames.py; layout in realtime/README.md. Pure. Little endian.

import { FrameError } from "./frames";

export interface TileFrame {
  readonly kind: "tile";
  /** Of the slide that the room showed then. */
  readonly epoch: number;
  /** 0 is the finest. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly coding: number;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly plane: number;
  /** COLOUR: a picture in colour. */
  readonly channel: number;
}

/** Every tile that is pushed for a field was sent before. */
export interface CompleteFrame {
  readonly kind: "complete";
  /** Whose field it is. */
  readonly stream: number;
  readonly epoch: number;
  /** The sequence of that viewport. */
  readonly field: number;
  /** Of its quick picture only. */
  readonly coarse: boolean;
}

export const NATIVE = 0;
export const AVIF = 1;
export const UNREADABLE = 2;
export const COLOUR = 255;

const TILE = 0x10;
const COMPLETE = 0x11;
const HEAD = 20;
const COMPLETE_SIZE = 12;

/** Whether a message is one of these, if it is of the protocol. */
export const isPushed = (bytes: Uint8Array): boolean => bytes[0] === TILE || bytes[0] === COMPLETE;

/** One message; the tile's bytes are those of the message, not a copy. Throws FrameError. */
export function decodePushed(bytes: Uint8Array<ArrayBuffer>): TileFrame | CompleteFrame {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = bytes[0];
  if (kind === COMPLETE) {
    if (bytes.length !== COMPLETE_SIZE) throw new FrameError("cut short");
    const flags = data.getUint8(1);
    if ((flags & ~1) !== 0) throw new FrameError("an unknown flag");
    return { kind: "complete", stream: data.getUint16(2, true), epoch: data.getUint32(4, true), field: data.getUint32(8, true), coarse: flags === 1 };
  }
  if (bytes.length < HEAD) throw new FrameError("cut short");
  const coding = data.getUint8(1);
  if (kind !== TILE || coding > UNREADABLE) throw new FrameError("an unknown kind");
  if (data.getUint16(10, true) !== 0) throw new FrameError("padding that is not zero");
  return {
    kind: "tile", epoch: data.getUint32(4, true), level: data.getUint8(8), column: data.getUint32(12, true), row: data.getUint32(16, true),
    coding, data: bytes.subarray(HEAD), plane: data.getUint16(2, true), channel: data.getUint8(9),
  };
}
