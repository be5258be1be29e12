import { expect, test } from "vitest";
import type { PointerFrame, StrokeFrame } from "../src/frames";
import { KeptAside } from "../src/kept_aside";

const pointer = (epoch: number, more: Partial<PointerFrame> = {}): PointerFrame => ({
  kind: "pointer", stream: 2, epoch, sequence: 1, time: 0, x: 0, y: 0, gone: false, ...more,
});
const stroke = (epoch: number, more: Partial<StrokeFrame> = {}): StrokeFrame => ({
  kind: "stroke", stream: 2, epoch, sequence: 1, time: 0, x: 0, y: 0, plane: 0, exponent: 0, steps: [], gone: false, ...more,
});

test.each([pointer, stroke])("what is of the slide on the screen counts, and is not kept", (frame) => {
  const aside = new KeptAside();
  expect(aside.hear(frame(4), 4, false)).toBe(true);
  expect(aside.begin(4)).toEqual([]);
});

test.each([pointer, stroke])("what is of a slide that is being opened waits until it is on the screen", (frame) => {
  const aside = new KeptAside();
  expect(aside.hear(frame(4), 4, true)).toBe(false);
  expect(aside.begin(4)).toEqual([frame(4)]);
  expect(aside.begin(4)).toEqual([]);
});

test.each([pointer, stroke])("what comes before the fact of its epoch waits for it", (frame) => {
  const aside = new KeptAside();
  expect(aside.hear(frame(6), 4, false)).toBe(false);
  expect(aside.begin(5)).toEqual([]);
  expect(aside.begin(6)).toEqual([frame(6)]);
});

test.each([pointer, stroke])("what comes late of the slide before counts no more, nor does what waited for one that was passed over", (frame) => {
  const aside = new KeptAside();
  expect(aside.hear(frame(3), 4, false)).toBe(false);
  expect(aside.hear(frame(3), 4, true)).toBe(false);
  expect(aside.hear(frame(5, { stream: 3 }), 4, false)).toBe(false);
  expect(aside.begin(6)).toEqual([]);
});

test("of each stream the newest is kept, its pointer and its line apart", () => {
  const aside = new KeptAside();
  const newest = [pointer(4, { sequence: 2 }), stroke(4), pointer(4, { stream: 3 })];
  for (const frame of [pointer(4), ...newest]) aside.hear(frame, 4, true);
  expect(new Set(aside.begin(4))).toEqual(new Set(newest));
});

test("a pointer that has left is gone from any slide, and does not come back", () => {
  const aside = new KeptAside();
  aside.hear(pointer(5), 4, false);
  expect(aside.hear(pointer(5, { gone: true }), 4, false)).toBe(true);
  expect(aside.begin(5)).toEqual([]);
  expect(aside.hear(pointer(3, { gone: true }), 4, true)).toBe(true);
});
