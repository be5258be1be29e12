// Frames: small binary records that may be lost; the newest wins. Mirrors realtime/frames.py; layout in realtime/README.md.
// Pure. Little endian; places and lengths in 1/256 level-0 px, rotations in 1/65536 turn.

import { turn, type Point, type View } from "./geometry";

export interface Target {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  /** Left until the animation is there. */
  readonly milliseconds: number;
}

/** A channel that is shown, in its colour, between two values of its samples. */
export interface ShownChannel {
  readonly number: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly low: number;
  readonly high: number;
}

export interface ViewportFrame {
  readonly kind: "viewport";
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly flip: boolean;
  readonly target: Target | null;
  /** The focal plane, from 0, the lowest. */
  readonly plane: number;
  /** In the order of their numbers; none: all, as scanned. */
  readonly channels: readonly ShownChannel[];
}

export interface PointerFrame {
  readonly kind: "pointer";
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
  readonly x: number;
  readonly y: number;
  /** It has left the field. */
  readonly gone: boolean;
}

/** A line that somebody is drawing, as far as it has come. */
export interface StrokeFrame {
  readonly kind: "stroke";
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
  readonly x: number;
  readonly y: number;
  readonly plane: number;
  /** Of the unit of `steps`: 2^exponent / 256 px. */
  readonly exponent: number;
  /** Each point from the one before. */
  readonly steps: readonly (readonly [number, number])[];
  /** It was committed as a fact, or dropped. */
  readonly gone: boolean;
}

/** How much of a field of another is drawn on the screen of `stream`, and what that window shows. */
export interface ReceiptFrame {
  readonly kind: "receipt";
  readonly stream: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly time: number;
  /** The stream whose field it is. */
  readonly of: number;
  /** The sequence of that viewport. */
  readonly field: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** All of it, at most four times too coarse. */
  readonly usable: boolean;
  /** All of it, at the level that this window needs. */
  readonly sharp: boolean;
  /** In a second, lossy coding. */
  readonly reduced: boolean;
}

export interface AckRecord {
  readonly kind: "ack";
  /** WebSocket messages received on this connection. */
  readonly received: number;
  /** Milliseconds since the last of them came, at most 65535. */
  readonly held: number;
}

export type Frame = ViewportFrame | PointerFrame | StrokeFrame | ReceiptFrame;
export type WireRecord = Frame | AckRecord;

export class FrameError extends Error {}

const VIEWPORT = 0x01;
const POINTER = 0x02;
const STROKE = 0x03;
const RECEIPT = 0x04;
const ACK = 0xa0;
const SIZE = { viewport: 36, target: 20, channels: 4, channel: 8, pointer: 24, stroke: 32, step: 4, receipt: 40, ack: 8 } as const;
/** Points of a stroke after the first. */
export const STEPS = 255;
/** Of the unit of a stroke's steps. */
export const EXPONENT = 16;
/** Of channels in a frame. */
const MOST = 32;
const TURN = 65536;

export const newer = (a: ViewportFrame, b: ViewportFrame): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);

const sizeOf = (record: WireRecord): number => {
  if (record.kind === "stroke") return SIZE.stroke + record.steps.length * SIZE.step;
  if (record.kind !== "viewport") return SIZE[record.kind];
  const { length } = record.channels;
  return SIZE.viewport + (record.target === null ? 0 : SIZE.target) + (length === 0 ? 0 : SIZE.channels + length * SIZE.channel);
};

/** One message of several records. */
export function encode(records: readonly WireRecord[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + sizeOf(record), 0));
  const data = new DataView(bytes.buffer);
  let at = 0;
  for (const record of records) {
    write(data, at, record);
    at += sizeOf(record);
  }
  return bytes;
}

function write(data: DataView, at: number, record: WireRecord): void {
  switch (record.kind) {
    case "ack":
      data.setUint8(at, ACK);
      data.setUint16(at + 2, record.held, true);
      data.setUint32(at + 4, record.received, true);
      break;
    case "pointer":
      writeHead(data, at, POINTER, record.gone ? 1 : 0, record);
      writePlace(data, at + 16, record);
      break;
    case "stroke":
      writeStroke(data, at, record);
      break;
    case "receipt":
      writeHead(data, at, RECEIPT, (record.usable ? 1 : 0) | (record.sharp ? 2 : 0) | (record.reduced ? 4 : 0), record);
      data.setUint16(at + 16, record.of, true);
      data.setUint32(at + 20, record.field, true);
      writePlace(data, at + 24, record);
      data.setUint32(at + 32, record.width, true);
      data.setUint32(at + 36, record.height, true);
      break;
    case "viewport":
      writeViewport(data, at, record);
      break;
  }
}

function writeHead(data: DataView, at: number, kind: number, flags: number, { stream, epoch, sequence, time }: Frame): void {
  data.setUint8(at, kind);
  data.setUint8(at + 1, flags);
  data.setUint16(at + 2, stream, true);
  data.setUint32(at + 4, epoch, true);
  data.setUint32(at + 8, sequence, true);
  data.setUint32(at + 12, time, true);
}

function writePlace(data: DataView, at: number, { x, y }: Point): void {
  data.setInt32(at, x, true);
  data.setInt32(at + 4, y, true);
}

function writeStroke(data: DataView, at: number, record: StrokeFrame): void {
  writeHead(data, at, STROKE, record.gone ? 1 : 0, record);
  writePlace(data, at + 16, record);
  data.setUint16(at + 24, record.plane, true);
  data.setUint8(at + 26, record.exponent);
  data.setUint16(at + 28, record.steps.length, true);
  at += SIZE.stroke;
  for (const [x, y] of record.steps) {
    data.setInt16(at, x, true);
    data.setInt16(at + 2, y, true);
    at += SIZE.step;
  }
}

function writeViewport(data: DataView, at: number, record: ViewportFrame): void {
  const flags = (record.flip ? 1 : 0) | (record.target === null ? 0 : 2) | (record.channels.length === 0 ? 0 : 4);
  writeHead(data, at, VIEWPORT, flags, record);
  writePlace(data, at + 16, record);
  data.setUint32(at + 24, record.width, true);
  data.setUint32(at + 28, record.height, true);
  data.setUint16(at + 32, record.rotation, true);
  data.setUint16(at + 34, record.plane, true);
  at += SIZE.viewport;
  if (record.target !== null) {
    writePlace(data, at, record.target);
    data.setUint32(at + 8, record.target.width, true);
    data.setUint32(at + 12, record.target.height, true);
    data.setUint16(at + 16, record.target.rotation, true);
    data.setUint16(at + 18, record.target.milliseconds, true);
    at += SIZE.target;
  }
  if (record.channels.length === 0) return;
  data.setUint8(at, record.channels.length);
  at += SIZE.channels;
  for (const { number, red, green, blue, low, high } of record.channels) {
    for (const [index, byte] of [number, red, green, blue].entries()) data.setUint8(at + index, byte);
    data.setUint16(at + 4, low, true);
    data.setUint16(at + 6, high, true);
    at += SIZE.channel;
  }
}

/** The records of one message. Throws FrameError: empty, cut short, of unknown kind or flag, padded, of no extent. */
export function decode(bytes: Uint8Array): WireRecord[] {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.byteLength === 0) throw new FrameError("an empty message");
  const records: WireRecord[] = [];
  for (let at = 0; at < data.byteLength; ) {
    const record = read(data, at);
    records.push(record);
    at += sizeOf(record);
  }
  return records;
}

function need(data: DataView, at: number, size: number): void {
  if (at + size > data.byteLength) throw new FrameError("cut short");
}

const FLAGS: Readonly<Record<number, number>> = { [VIEWPORT]: 7, [POINTER]: 1, [STROKE]: 1, [RECEIPT]: 7 };
const HEADS: Readonly<Record<number, number>> = {
  [VIEWPORT]: SIZE.viewport, [POINTER]: SIZE.pointer, [STROKE]: SIZE.stroke, [RECEIPT]: SIZE.receipt,
};

function read(data: DataView, at: number): WireRecord {
  const kind = data.getUint8(at);
  if (kind === ACK) {
    need(data, at, SIZE.ack);
    if (data.getUint8(at + 1) !== 0) throw new FrameError("padding that is not zero");
    return { kind: "ack", received: data.getUint32(at + 4, true), held: data.getUint16(at + 2, true) };
  }
  const size = HEADS[kind];
  if (size === undefined) throw new FrameError("an unknown kind");
  need(data, at, size);
  const flags = data.getUint8(at + 1);
  if ((flags & ~FLAGS[kind]!) !== 0) throw new FrameError("an unknown flag");
  const head = {
    stream: data.getUint16(at + 2, true),
    epoch: data.getUint32(at + 4, true),
    sequence: data.getUint32(at + 8, true),
    time: data.getUint32(at + 12, true),
  };
  if (kind === RECEIPT) return { kind: "receipt", ...head, ...readReceipt(data, at, flags) };
  const place = { x: data.getInt32(at + 16, true), y: data.getInt32(at + 20, true) };
  if (kind === POINTER) return { kind: "pointer", ...head, ...place, gone: flags === 1 };
  if (kind === STROKE) return { kind: "stroke", ...head, ...place, ...readInk(data, at), gone: flags === 1 };
  const body = {
    width: data.getUint32(at + 24, true),
    height: data.getUint32(at + 28, true),
    rotation: data.getUint16(at + 32, true),
    flip: (flags & 1) !== 0,
    plane: data.getUint16(at + 34, true),
  };
  if (body.width === 0 || body.height === 0) throw new FrameError("an extent of nothing");
  at += SIZE.viewport;
  const target = (flags & 2) === 0 ? null : readTarget(data, at);
  if (target !== null) at += SIZE.target;
  return { kind: "viewport", ...head, ...place, ...body, target, channels: (flags & 4) === 0 ? [] : readShown(data, at) };
}

type Tail<T extends Frame> = Omit<T, "kind" | "stream" | "epoch" | "sequence" | "time">;

function readReceipt(data: DataView, at: number, flags: number): Tail<ReceiptFrame> {
  if (data.getUint16(at + 18, true) !== 0) throw new FrameError("padding that is not zero");
  const width = data.getUint32(at + 32, true);
  const height = data.getUint32(at + 36, true);
  if (width === 0 || height === 0) throw new FrameError("an extent of nothing");
  return {
    of: data.getUint16(at + 16, true), field: data.getUint32(at + 20, true),
    x: data.getInt32(at + 24, true), y: data.getInt32(at + 28, true), width, height,
    usable: (flags & 1) !== 0, sharp: (flags & 2) !== 0, reduced: (flags & 4) !== 0,
  };
}

function readInk(data: DataView, at: number): Pick<StrokeFrame, "plane" | "exponent" | "steps"> {
  const exponent = data.getUint8(at + 26);
  const count = data.getUint16(at + 28, true);
  if (data.getUint8(at + 27) !== 0 || data.getUint16(at + 30, true) !== 0) throw new FrameError("padding that is not zero");
  if (count > STEPS || exponent > EXPONENT) throw new FrameError("too many points, or too far apart");
  const from = at + SIZE.stroke;
  need(data, from, count * SIZE.step);
  const steps = Array.from({ length: count }, (_, index): [number, number] => [
    data.getInt16(from + index * SIZE.step, true),
    data.getInt16(from + index * SIZE.step + 2, true),
  ]);
  return { plane: data.getUint16(at + 24, true), exponent, steps };
}

function readTarget(data: DataView, at: number): Target {
  need(data, at, SIZE.target);
  const target = {
    x: data.getInt32(at, true),
    y: data.getInt32(at + 4, true),
    width: data.getUint32(at + 8, true),
    height: data.getUint32(at + 12, true),
    rotation: data.getUint16(at + 16, true),
    milliseconds: data.getUint16(at + 18, true),
  };
  if (target.width === 0 || target.height === 0) throw new FrameError("an extent of nothing");
  return target;
}

function readShown(data: DataView, at: number): ShownChannel[] {
  need(data, at, SIZE.channels);
  const count = data.getUint8(at);
  if (data.getUint8(at + 1) !== 0 || data.getUint16(at + 2, true) !== 0) throw new FrameError("padding that is not zero");
  if (count === 0 || count > MOST) throw new FrameError("no channels, or too many");
  at += SIZE.channels;
  need(data, at, count * SIZE.channel);
  return Array.from({ length: count }, (_, index) => {
    const from = at + index * SIZE.channel;
    const [number, red, green, blue] = [0, 1, 2, 3].map((byte) => data.getUint8(from + byte)) as [number, number, number, number];
    if (index > 0 && number <= data.getUint8(from - SIZE.channel)) throw new FrameError("channels out of their order");
    return { number, red, green, blue, low: data.getUint16(from + 4, true), high: data.getUint16(from + 6, true) };
  });
}

const fixed = (px: number): number => Math.round(px * 256);

/** Wire units of a view or a place. */
export const toWire = ({ x, y, width, height, rotation }: View): Omit<Target, "milliseconds"> => ({
  x: fixed(x), y: fixed(y), width: fixed(width), height: fixed(height),
  rotation: Math.round((turn(rotation) / 360) * TURN) % TURN,
});

export const pointToWire = ({ x, y }: Point): Point => ({ x: fixed(x), y: fixed(y) });

export const viewOf = (wire: Omit<Target, "milliseconds">, flip: boolean): View => ({
  x: wire.x / 256, y: wire.y / 256, width: wire.width / 256, height: wire.height / 256,
  rotation: (wire.rotation / TURN) * 360, flip,
});
