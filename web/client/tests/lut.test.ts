import { expect, test } from "vitest";
import { apply, LUT_BYTES, NODES, SIDE, tableOf } from "../src/lut";
import { vectors } from "./vectors";

const cases = vectors<{ nodes: number[]; pixels: number[][]; result: number[][] }>("colours");
/** The same in tests/unit/telepath/test_slides_colour.py. */
const table = Int16Array.from({ length: SIDE ** 3 * 3 }, (_, at) => ((at * 7919 + Math.floor(at / 7) * 104_729) % 435) - 90);

test("the table was asked at the same values as the server asked it", () => {
  expect(NODES).toEqual(cases.nodes);
});

test("each colour goes through the table as the server's reference does, to the byte", () => {
  const pixels = new Uint8ClampedArray(cases.pixels.flatMap((rgb) => [...rgb, 255]));
  apply(table, pixels);
  const found = cases.pixels.map((_, at) => [...pixels.subarray(at * 4, at * 4 + 3)]);
  expect(found).toEqual(cases.result);
  expect(pixels.filter((_, at) => at % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
});

test("bytes of another length are no table", () => {
  expect(tableOf(new ArrayBuffer(LUT_BYTES - 2))).toBeUndefined();
  const bytes = new ArrayBuffer(LUT_BYTES);
  new DataView(bytes).setInt16(2, -90, true);
  expect(tableOf(bytes)?.[1]).toBe(-90);
});
