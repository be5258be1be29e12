import { expect, test } from "vitest";
import { batchName, BatchReader, tileName } from "../src/tile_names";

const place = { level: 2, column: 12, row: 7 };

test("a tile is named by its place, its plane, its channel and its coding, in this order", () => {
  expect(tileName(place, 0, undefined, "native")).toBe("2/12_7");
  expect(tileName(place, 3, 1, "reduced")).toBe("2/12_7_z3_c1.avif");
  expect(tileName(place, 0, 0, "native")).toBe("2/12_7_c0");
});

test("a batch names its tiles without slashes", () => {
  expect(batchName(["2/12_7", "0/1_1.avif"])).toBe("batch/2-12_7+0-1_1.avif");
});

const part = (status: number, bytes: number[]): number[] => [0, 0, 0, bytes.length, status >> 8, status & 255, ...bytes];
const answer = new Uint8Array([...part(200, [1, 2, 3]), ...part(422, []), ...part(503, [9]), ...part(200, [4, 5])]);

test.each([1, 2, 5, 7, 100])("a batch is taken apart as it comes, %d bytes at a time", (size) => {
  const reader = new BatchReader();
  const seen = [];
  for (let at = 0; at < answer.length; at += size) seen.push(...reader.push(answer.subarray(at, at + size)));
  expect(seen.map(({ status, bytes }) => [status, ...bytes])).toEqual([[200, 1, 2, 3], [422], [503, 9], [200, 4, 5]]);
});

test("a tile is given as soon as its last byte is there", () => {
  const reader = new BatchReader();
  expect(reader.push(answer.subarray(0, 8))).toEqual([]);
  expect(reader.push(answer.subarray(8, 9))).toHaveLength(1);
});
