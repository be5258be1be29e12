import { expect, test } from "vitest";
import type { View } from "../src/geometry";
import { placeKey, tilesUnder, type Level } from "../src/pyramid";
import type { Coding } from "../src/quality";
import { sharpness } from "../src/sharpness";

const levels: Level[] = [1, 2, 4, 8].map((factor) => ({ width: 8192 / factor, height: 4096 / factor, tile_width: 256, tile_height: 256 }));
const view = (x: number, y: number, width: number, height: number, rotation = 0): View => ({ x, y, width, height, rotation, flip: false });
const field = view(4096, 2048, 1024, 512);

/** Tiles of these levels under `of`, drawn. */
function drawn(of: View, ...at: readonly (readonly [number, Coding])[]): Map<string, Coding> {
  return new Map(at.flatMap(([level, coding]) => tilesUnder(levels, level, of).map((place) => [placeKey(place), coding] as const)));
}

test("a field is sharp when each of its tiles is drawn at the level that is needed", () => {
  const all = drawn(field, [0, "native"]);
  expect(sharpness(levels, field, 0, all, 1)).toEqual({ usable: true, sharp: true, reduced: false });
  all.delete([...all.keys()][3]!);
  expect(sharpness(levels, field, 0, all, 1)).toEqual({ usable: false, sharp: false, reduced: false });
});

test("it is usable when no part of it is more than four times too coarse", () => {
  expect(sharpness(levels, field, 0, drawn(field, [2, "native"]), 1)).toMatchObject({ usable: true, sharp: false });
  expect(sharpness(levels, field, 0, drawn(field, [3, "native"]), 1)).toMatchObject({ usable: false, sharp: false });
  expect(sharpness(levels, field, 1, drawn(field, [3, "native"]), 1)).toMatchObject({ usable: true, sharp: false });
});

test("what is sharp in part and coarse elsewhere is usable", () => {
  const left = view(3840, 2048, 512, 512);
  const right = view(4352, 2048, 512, 512);
  const parts = new Map([...drawn(left, [0, "native"]), ...drawn(right, [2, "native"])]);
  expect(sharpness(levels, field, 0, parts, 1)).toEqual({ usable: true, sharp: false, reduced: false });
});

test("a reduced tile is told of; one that a sharp tile covers is not", () => {
  expect(sharpness(levels, field, 0, drawn(field, [0, "reduced"]), 1)).toEqual({ usable: true, sharp: true, reduced: true });
  expect(sharpness(levels, field, 0, drawn(field, [2, "reduced"], [0, "native"]), 1)).toMatchObject({ sharp: true, reduced: false });
  expect(sharpness(levels, field, 0, drawn(field, [2, "reduced"]), 1)).toMatchObject({ usable: true, reduced: true });
});

test("of a turned field the corners of its box are not needed", () => {
  const turned = view(4096, 2048, 1024, 512, 30);
  const box = new Set(tilesUnder(levels, 0, view(4096, 2048, 1143, 955)).map(placeKey));
  const needed = tilesUnder(levels, 0, turned).map(placeKey);
  expect(needed.every((key) => box.has(key))).toBe(true);
  expect(needed.length).toBeLessThan(box.size);
  expect(sharpness(levels, turned, 0, new Map(needed.map((key) => [key, "native"])), 1)).toMatchObject({ sharp: true });
});

test("less than a pixel of a tile is not missed, and beside the slide there is nothing to miss", () => {
  const hair = view(4096.4, 2048.4, 1024, 512);
  expect(sharpness(levels, hair, 0, drawn(field, [0, "native"]), 1)).toMatchObject({ sharp: true });
  expect(sharpness(levels, view(-5000, 0, 1024, 512), 0, new Map(), 1)).toMatchObject({ sharp: true });
  const edge = view(0, 0, 1024, 512);
  expect(sharpness(levels, edge, 0, drawn(view(256, 128, 512, 256), [0, "native"]), 1)).toMatchObject({ sharp: true });
});
