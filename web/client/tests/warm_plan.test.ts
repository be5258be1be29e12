import { expect, test } from "vitest";
import { AT_ONCE, goes, inOrder, packed, requests, room, spares, unpacked } from "../src/warm_plan";

const slide = (id: string) => ({ id, key: "", mark: "" });
const MB = 1 << 20;

test("the case of this page comes first, then the most urgent", () => {
  const cases = [
    { id: "urgent", slides: [slide("a"), slide("b")] },
    { id: "here", slides: [slide("c")] },
  ];
  expect(inOrder(cases, "here").map(({ id }) => id)).toEqual(["c", "a", "b"]);
  expect(inOrder(cases, "").map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

test("nothing is fetched ahead where bytes are spared, but over a long line it is", () => {
  expect(spares(undefined)).toBe(false);
  expect(spares({ effectiveType: "3g" })).toBe(false);
  for (const line of [{ saveData: true }, { effectiveType: "2g" }, { effectiveType: "slow-2g" }, { type: "cellular" }]) expect(spares(line)).toBe(true);
});

test("there is room for a quarter of what the browser gives, and never for more than 256 MB", () => {
  expect(room(100 * MB)).toBe(25 * MB);
  expect(room(1e12)).toBe(256 * MB);
  expect(room(undefined)).toBe(256 * MB);
});

test("what is there is not asked for again, and the order stays", () => {
  const names = Array.from({ length: AT_ONCE + 2 }, (_, column) => `0/${column}_0`);
  const asked = requests([...names, names[0]!], (name) => name === "0/1_0");
  expect(asked.map((one) => one.length)).toEqual([AT_ONCE, 1]);
  expect(asked[0]!.slice(0, 2)).toEqual(["0/0_0", "0/2_0"]);
});

const kept = (name: string, used: number, bytes = 10) => ({ name, used, bytes });

test("what is not to be kept goes first, then what comes later, the longest unused first", () => {
  const there = [kept("first", 1), kept("fourth", 3), kept("third", 2), kept("gone", 9)];
  const order = ["first", "second", "third", "fourth"];
  expect(goes(there, order, "second", 10, 100)).toEqual([]);
  expect(goes(there, order, "second", 10, 40)).toEqual(["gone"]);
  expect(goes(there, order, "second", 10, 30)).toEqual(["gone", "third"]);
  expect(goes(there, order, "second", 10, 20)).toEqual(["gone", "third", "fourth"]);
});

test("what is more urgent, or the slide itself, never makes room", () => {
  const there = [kept("first", 1), kept("second", 2)];
  expect(goes(there, ["first", "second"], "second", 10, 20)).toBeUndefined();
  expect(goes(there, ["first", "second"], "first", 10, 20)).toEqual(["second"]);
});

test("tiles come out of a pack as they went in", () => {
  const parts = [
    { name: "0/1_2", bytes: Uint8Array.of(1, 2, 3) },
    { name: "3/0_0_z2_c1", bytes: new Uint8Array() },
    { name: "1/7_7", bytes: Uint8Array.of(255) },
  ];
  expect(unpacked(packed(parts)).map(({ name, bytes }) => [name, [...bytes]])).toEqual(parts.map(({ name, bytes }) => [name, [...bytes]]));
  expect(unpacked(packed([]))).toEqual([]);
});
