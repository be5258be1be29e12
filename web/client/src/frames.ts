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
const SIZE = { viewport: 36, target: 20, pointer: 24, ack: 8 } as const;
const TURN = 65536;

export const newer = (a: ViewportFrame, b: ViewportFrame): boolean =>
  a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);

const sizeOf = (record: WireRecord): number =>
  record.kind === "viewport" ? SIZE.viewport + (record.target === null ? 0 : SIZE.target) : SIZE[record.kind];

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
  const flags = viewport ? (record.flip ? 1 : 0) | (record.target === null ? 0 : 2) : record.gone ? 1 : 0;
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
  if (record.target === null) return;
  data.setInt32(at + 36, record.target.x, true);
  data.setInt32(at + 40, record.target.y, true);
  data.setUint32(at + 44, record.target.width, true);
  data.setUint32(at + 48, record.target.height, true);
  data.setUint16(at + 52, record.target.rotation, true);
  data.setUint16(at + 54, record.target.milliseconds, true);
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
  if ((flags & ~(kind === VIEWPORT ? 3 : 1)) !== 0) throw new FrameError("an unknown flag");
  const head = {
    stream: data.getUint16(at + 2, true),
    epoch: data.getUint32(at + 4, true),
    sequence: data.getUint32(at + 8, true),
    time: data.getUint32(at + 12, true),
    x: data.getInt32(at + 16, true),
    y: data.getInt32(at + 20, true),
  };
  if (kind === POINTER) return { kind: "pointer", ...head, gone: flags === 1 };
  if (data.getUint16(at + 34, true) !== 0) throw new FrameError("padding that is not zero");
  const body = {
    width: data.getUint32(at + 24, true),
    height: data.getUint32(at + 28, true),
    rotation: data.getUint16(at + 32, true),
    flip: (flags & 1) !== 0,
  };
  if (body.width === 0 || body.height === 0) throw new FrameError("an extent of nothing");
  if ((flags & 2) === 0) return { kind: "viewport", ...head, ...body, target: null };
  need(data, at, SIZE.viewport + SIZE.target);
  const target = {
    x: data.getInt32(at + 36, true),
    y: data.getInt32(at + 40, true),
    width: data.getUint32(at + 44, true),
    height: data.getUint32(at + 48, true),
    rotation: data.getUint16(at + 52, true),
    milliseconds: data.getUint16(at + 54, true),
  };
  if (target.width === 0 || target.height === 0) throw new FrameError("an extent of nothing");
  return { kind: "viewport", ...head, ...body, target };
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
