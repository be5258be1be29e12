import { describe, expect, test } from "vitest";
import { decode, encode, FrameError, newer, toWire, viewOf, type ViewportFrame, type WireRecord } from "../src/frames";
import { decodePushed, isPushed, type CompleteFrame, type TileFrame } from "../src/tile_frames";
import { vectors } from "./vectors";

interface Vectors {
  valid: { name: string; hex: string; records: WireRecord[] }[];
  invalid: { name: string; hex: string }[];
  pushed: {
    valid: { name: string; hex: string; record: (Omit<TileFrame, "data"> & { data: string }) | CompleteFrame }[];
    invalid: { name: string; hex: string }[];
  };
}

const { valid, invalid, pushed } = vectors<Vectors>("frames");
const bytes = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");

describe("the frames of the vectors", () => {
  test.each(valid)("$name is read", ({ hex: text, records }) => {
    expect(decode(bytes(text))).toEqual(records);
  });
  test.each(valid)("$name is written", ({ hex: text, records }) => {
    expect(hex(encode(records))).toBe(text);
  });
  test.each(invalid)("$name is refused", ({ hex: text }) => {
    expect(() => decode(bytes(text))).toThrow(FrameError);
  });
});

describe("what is pushed", () => {
  test.each(pushed.valid)("$name is read", ({ hex: text, record }) => {
    expect(isPushed(bytes(text))).toBe(true);
    const found = decodePushed(bytes(text));
    expect(found.kind === "tile" ? { ...found, data: hex(found.data) } : found).toEqual(record);
  });
  test.each(pushed.invalid)("$name is refused", ({ hex: text }) => {
    expect(() => decodePushed(bytes(text))).toThrow(FrameError);
  });
});

test("a view goes over the wire to 1/256 px and less than 1/100 degree", () => {
  const view = { x: -12.3456, y: 40000.125, width: 1600.5, height: 900.25, rotation: 359.999, flip: true };
  const back = viewOf(toWire(view), true);
  expect(Math.abs(back.x - view.x)).toBeLessThanOrEqual(1 / 512);
  expect(Math.abs(back.width - view.width)).toBeLessThanOrEqual(1 / 512);
  expect(Math.min(back.rotation, 360 - back.rotation)).toBeLessThan(0.01);
});

test("a newer epoch wins over a higher sequence", () => {
  const frame = (epoch: number, sequence: number): ViewportFrame => ({
    kind: "viewport", stream: 1, epoch, sequence, time: 0, x: 0, y: 0, width: 1, height: 1, rotation: 0, flip: false, target: null, plane: 0, channels: [],
  });
  expect(newer(frame(2, 1), frame(1, 900))).toBe(true);
  expect(newer(frame(1, 3), frame(1, 2))).toBe(true);
  expect(newer(frame(1, 2), frame(1, 2))).toBe(false);
});
