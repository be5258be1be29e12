import { expect, test } from "vitest";
import { rank, TileQueue } from "../src/tile_queue";

const view = { x: 5000, y: 5000, width: 1600, height: 900, rotation: 0, flip: false };
const need = { view, downsample: 1 };
const tile = (x: number, y: number, downsample: number, coarsest = false): Parameters<typeof rank>[0] => ({
  region: { x, y, width: 256 * downsample, height: 256 * downsample }, downsample, coarsest,
});

test("the quick picture comes first, then the sharp tiles from the centre outwards", () => {
  const queue = new TileQueue<string>();
  queue.add("edge", tile(5600, 5300, 1));
  queue.add("centre", tile(4900, 4900, 1));
  queue.add("between", tile(4600, 4600, 2));
  queue.add("coarse", tile(4096, 4096, 4));
  expect(queue.take(9, need).start).toEqual(["coarse", "centre", "edge", "between"]);
  expect(queue.size).toBe(0);
});

test("what the view does not need any more is dropped", () => {
  const queue = new TileQueue<string>();
  queue.add("far", tile(20_000, 5000, 1));
  queue.add("too fine", tile(4900, 4900, 0.25));
  queue.add("wanted", tile(4900, 4900, 1));
  const { start, drop } = queue.take(0, need);
  expect(start).toEqual([]);
  expect(drop.sort()).toEqual(["far", "too fine"]);
  expect(queue.size).toBe(1);
});

test("a rotated window needs what is under its corners", () => {
  const corner = tile(4750, 5600, 1);
  expect(rank(corner, need)).toBeUndefined();
  expect(rank(corner, { ...need, view: { ...view, rotation: 90 } })).toBeDefined();
});

test("the only level of a slide is fetched however fine it is for the screen", () => {
  const overview = { view: { ...view, width: 32_000, height: 18_000 }, downsample: 20 };
  expect(rank(tile(4900, 4900, 1), overview)).toBeUndefined();
  expect(rank(tile(4900, 4900, 1, true), overview)).toBeDefined();
});

test("what is drawn already is refined when nothing else is wanted", () => {
  const queue = new TileQueue<string>();
  queue.add("refined", { ...tile(4900, 4900, 1), refining: true });
  queue.add("between", tile(4600, 4600, 2));
  queue.add("edge", tile(5600, 5300, 1));
  expect(queue.take(9, need).start).toEqual(["edge", "between", "refined"]);
});

test("of those that may be taken now the others stay", () => {
  const queue = new TileQueue<string>();
  queue.add("edge", tile(5600, 5300, 1));
  queue.add("centre", tile(4900, 4900, 1));
  queue.add("far", tile(20_000, 5000, 1));
  expect(queue.take(9, need, (job) => job === "edge")).toEqual({ start: ["edge"], drop: ["far"] });
  expect([...queue.jobs()]).toEqual(["centre"]);
});
