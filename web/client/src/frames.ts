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

export interface AckRecord {
  readonly kind: "ack";
  /** WebSocket messages received on this connection. */
  readonly received: number;
}

export type Frame = ViewportFrame | PointerFrame;
export type WireRecord = Frame | AckRecord;

export class FrameError extends Error {}

const VIEWPORT = 0x01;
const POINTER = 0x02;
const ACK = 0xa0;
const SIZE = { viewport: 36, target: 20, channels: 4, channel: 8, pointer: 24, ack: 8 } as const;
/** Of channels in a frame. */
const MOST = 32;
const TURN = 65536;

export const newer = (a: ViewportFrame, b: ViewportFrame): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);

const sizeOf = (record: WireRecord): number => {
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
  if (record.kind === "ack") {
    data.setUint8(at, ACK);
    data.setUint32(at + 4, record.received, true);
    return;
  }
  const viewport = record.kind === "viewport";
  const flags = viewport
    ? (record.flip ? 1 : 0) | (record.target === null ? 0 : 2) | (record.channels.length === 0 ? 0 : 4)
    : record.gone ? 1 : 0;
  data.setUint8(at, viewport ? VIEWPORT : POINTER);
  data.setUint8(at + 1, flags);
  data.setUint16(at + 2, record.stream, true);
  data.setUint32(at + 4, record.epoch, true);
  data.setUint32(at + 8, record.sequence, true);
  data.setUint32(at + 12, record.time, true);
  data.setInt32(at + 16, record.x, true);
  data.setInt32(at + 20, record.y, true);
  if (!viewport) return;
  data.setUint32(at + 24, record.width, true);
  data.setUint32(at + 28, record.height, true);
  data.setUint16(at + 32, record.rotation, true);
  data.setUint16(at + 34, record.plane, true);
  at += SIZE.viewport;
  if (record.target !== null) {
    data.setInt32(at, record.target.x, true);
    data.setInt32(at + 4, record.target.y, true);
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

function read(data: DataView, at: number): WireRecord {
  const kind = data.getUint8(at);
  if (kind === ACK) {
    need(data, at, SIZE.ack);
    if (data.getUint8(at + 1) !== 0 || data.getUint16(at + 2, true) !== 0) throw new FrameError("padding that is not zero");
    return { kind: "ack", received: data.getUint32(at + 4, true) };
  }
  if (kind !== VIEWPORT && kind !== POINTER) throw new FrameError("an unknown kind");
  need(data, at, kind === VIEWPORT ? SIZE.viewport : SIZE.pointer);
  const flags = data.getUint8(at + 1);
  if ((flags & ~(kind === VIEWPORT ? 7 : 1)) !== 0) throw new FrameError("an unknown flag");
  const head = {
    stream: data.getUint16(at + 2, true),
    epoch: data.getUint32(at + 4, true),
    sequence: data.getUint32(at + 8, true),
    time: data.getUint32(at + 12, true),
    x: data.getInt32(at + 16, true),
    y: data.getInt32(at + 20, true),
  };
  if (kind === POINTER) return { kind: "pointer", ...head, gone: flags === 1 };
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
  return { kind: "viewport", ...head, ...body, target, channels: (flags & 4) === 0 ? [] : readShown(data, at) };
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
