import { expect, test } from "vitest";
import type { ViewportFrame } from "../src/frames";
import { Pushed } from "../src/pushed";
import { AVIF, COLOUR, NATIVE, UNREADABLE, type TileFrame } from "../src/tile_frames";

const bytes = new Uint8Array([1, 2, 3]);
const tile = (epoch: number, coding = NATIVE, more: Partial<TileFrame> = {}): TileFrame => ({
  kind: "tile", epoch, level: 2, column: 5, row: 7, coding, data: bytes, plane: 0, channel: COLOUR, ...more,
});
const field = (sequence: number, epoch = 3, stream = 9): ViewportFrame => ({
  kind: "viewport", stream, epoch, sequence, time: 0, x: 0, y: 0, width: 1, height: 1, rotation: 0, flip: false, target: null, plane: 0, channels: [],
});
const complete = (sequence: number, { epoch = 3, stream = 9, coarse = false } = {}): Parameters<Pushed["complete"]>[0] => ({
  kind: "complete", stream, epoch, field: sequence, coarse,
});

/** In a room that shows slide A from epoch 3 on, following field 1, heard at 0. */
function following(): Pushed {
  const pushed = new Pushed();
  pushed.shows("A", 3);
  pushed.follow(true);
  pushed.heard(field(1), 0);
  return pushed;
}

test("a tile is kept under its slide, place, plane and coding", () => {
  const pushed = following();
  pushed.tile(tile(3), 0);
  pushed.tile(tile(3, AVIF, { plane: 4 }), 0);
  expect(pushed.get("A", "2/5_7")).toEqual({ coding: "native", bytes });
  expect(pushed.get("A", "2/5_7_z4.avif")).toEqual({ coding: "reduced", bytes });
  expect(pushed.get("A", "2/5_7.avif")).toBeUndefined();
  expect(pushed.get("B", "2/5_7")).toBeUndefined();
});

test("a tile that the server cannot read is known as such", () => {
  const pushed = following();
  pushed.tile(tile(3, UNREADABLE, { data: new Uint8Array() }), 0);
  expect(pushed.get("A", "2/5_7")).toEqual({ coding: "native", bytes: undefined });
});

test("an epoch belongs to the slide that was shown then, whoever presents", () => {
  const pushed = following();
  pushed.shows("A", 4); // another presenter
  pushed.shows("B", 6);
  pushed.tile(tile(5), 0);
  pushed.tile(tile(6, NATIVE, { row: 8 }), 0);
  pushed.tile(tile(2, NATIVE, { row: 9 }), 0); // of before this page was opened
  expect(pushed.get("A", "2/5_7")).toBeDefined();
  expect(pushed.get("B", "2/5_8")).toBeDefined();
  expect([pushed.get("A", "2/5_9"), pushed.get("B", "2/5_9")]).toEqual([undefined, undefined]);
});

test("epochs that a restored backup does not know any more are of no slide", () => {
  const pushed = following();
  pushed.shows("B", 5);
  pushed.shows("A", 4); // welcomed anew, further back; then somebody else presents
  pushed.tile(tile(5), 0);
  expect(pushed.get("A", "2/5_7")).toBeDefined();
  expect(pushed.get("B", "2/5_7")).toBeUndefined();
});

test("after a backup was restored no field of before is complete, and no epoch of before has a slide", () => {
  const pushed = following();
  pushed.tile(tile(3), 0);
  pushed.complete(complete(5));
  pushed.reset();
  pushed.tile(tile(3, NATIVE, { row: 8 }), 0);
  pushed.shows("B", 3);
  pushed.heard(field(1), 10);
  expect(pushed.waiting(true, 20)).toBe("wait");
  expect([pushed.get("A", "2/5_7"), pushed.get("A", "2/5_8"), pushed.on]).toEqual([{ coding: "native", bytes }, undefined, true]);
});

test("64 MB are kept, the longest unused go first", () => {
  const pushed = following();
  const large = new Uint8Array(16 << 20);
  for (let row = 0; row < 4; row++) pushed.tile(tile(3, NATIVE, { row, data: large.subarray(0, large.length - 300) }), 0);
  expect(pushed.get("A", "2/5_0")).toBeDefined();
  pushed.tile(tile(3, NATIVE, { row: 4, data: large.subarray(0, large.length - 300) }), 0);
  expect(pushed.get("A", "2/5_1")).toBeUndefined();
  expect(pushed.get("A", "2/5_0")).toBeDefined();
});

test("what is needed is waited for until it was all sent", () => {
  const pushed = following();
  expect(pushed.waiting(true, 10)).toBe("wait");
  pushed.complete(complete(1, { coarse: true }));
  pushed.complete(complete(1, { stream: 8 }));
  pushed.complete(complete(1, { epoch: 2 }));
  expect(pushed.waiting(true, 20)).toBe("wait");
  pushed.complete(complete(1));
  expect(pushed.waiting(true, 30)).toBe("missing");
  pushed.heard(field(2), 40);
  expect(pushed.waiting(true, 50)).toBe("wait");
  pushed.complete(complete(3));
  expect(pushed.waiting(true, 60)).toBe("missing");
});

test("what does not come is fetched: 1.5 s after it was needed and after the last tile", () => {
  const pushed = following();
  expect(pushed.waiting(true, 10_000)).toBe("wait");
  expect(pushed.waiting(true, 11_499)).toBe("wait");
  expect(pushed.waiting(true, 11_500)).toBe("fetch");
  pushed.tile(tile(3), 12_000);
  expect(pushed.waiting(true, 12_001)).toBe("wait");
  expect(pushed.waiting(true, 13_501)).toBe("fetch");
});

test("where nothing is needed nothing is missed, however long nothing comes", () => {
  const pushed = following();
  expect(pushed.waiting(false, 60_000)).toBe("wait");
  expect(pushed.waiting(true, 60_001)).toBe("wait");
});

test("who follows again waits again, and is told of it", () => {
  const pushed = following();
  let told = 0;
  const deaf = pushed.listen(() => told++);
  pushed.complete(complete(1));
  pushed.follow(true);
  expect([told, pushed.on]).toEqual([1, true]);
  pushed.follow(false);
  expect([told, pushed.on]).toEqual([2, false]);
  pushed.follow(true);
  pushed.heard(field(1), 0);
  expect(pushed.waiting(true, 10)).toBe("wait");
  deaf();
  pushed.follow(false);
  expect(told).toBe(3);
});

test("the link is thin while tiles come in the small coding, whatever refines them at rest", () => {
  const pushed = following();
  pushed.tile(tile(3, AVIF), 100);
  expect(pushed.reduces).toBe(true);
  pushed.tile(tile(3), 2100);
  expect(pushed.reduces).toBe(true);
  pushed.heard(field(2), 3000);
  pushed.tile(tile(3), 3100);
  expect(pushed.reduces).toBe(false);
});

test("a better coding is waited for while the field or its tiles are new", () => {
  const pushed = following();
  pushed.tile(tile(3, AVIF), 1000);
  expect(pushed.rests(6999)).toBe(false);
  expect(pushed.rests(7000)).toBe(true);
});

test("a window of another shape waits for what it needs beside what was sent", () => {
  const pushed = following();
  pushed.complete(complete(1));
  pushed.reshaped();
  expect(pushed.waiting(true, 10)).toBe("wait");
  pushed.complete(complete(1));
  expect(pushed.waiting(true, 20)).toBe("missing");
});

test("on the way to a field it is not said what is missing there", () => {
  const pushed = following();
  let told = 0;
  pushed.listen(() => told++);
  pushed.passes(true);
  pushed.complete(complete(1));
  expect(pushed.waiting(true, 10)).toBe("wait");
  expect(told).toBe(1);
  pushed.passes(false);
  expect([pushed.waiting(true, 20), told]).toEqual(["missing", 2]);
});
