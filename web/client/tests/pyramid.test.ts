import { expect, test } from "vitest";
import { columns, downsamples, regionOf, rows, visiblePart, type Level } from "../src/pyramid";

// As an Aperio scanner writes it: 1:4:16, tiles of 240 px, the last ones padded.
const levels: Level[] = [
  { width: 46_000, height: 32_914, tile_width: 240, tile_height: 240 },
  { width: 11_500, height: 8_228, tile_width: 240, tile_height: 240 },
  { width: 2_875, height: 2_057, tile_width: 240, tile_height: 240 },
];

test("levels keep the factors that the scanner chose", () => {
  expect(downsamples(levels)).toEqual([1, 4, 16]);
});

test("only the part of an edge tile that lies on the slide is drawn", () => {
  const level = levels[2]!;
  expect([columns(level), rows(level)]).toEqual([12, 9]);
  expect(visiblePart(level, 11, 8)).toEqual({ width: 235, height: 137 });
  expect(visiblePart(level, 0, 0)).toEqual({ width: 240, height: 240 });
});

test("the tiles of a level cover the slide without gap or overlap", () => {
  for (const [index, level] of levels.entries()) {
    let right = 0;
    for (let column = 0; column < columns(level); column++) {
      const region = regionOf(levels, { level: index, column, row: 0 });
      expect(region.x).toBeCloseTo(right, 6);
      right = region.x + region.width;
    }
    expect(right).toBeCloseTo(46_000, 6);
  }
});
