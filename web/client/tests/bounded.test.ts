import { expect, test } from "vitest";
import { Bounded } from "../src/bounded";

test("the longest unused goes first, and the newest stays however heavy", () => {
  const kept = new Bounded<number>(10, (value) => value);
  kept.set("a", 4);
  kept.set("b", 4);
  expect(kept.get("a")).toBe(4);
  kept.set("c", 4);
  expect([kept.has("a"), kept.has("b"), kept.has("c")]).toEqual([true, false, true]);
  kept.set("heavy", 99);
  expect([...kept.entries()]).toEqual([["heavy", 99]]);
});

test("another value for the same name takes the place of the first", () => {
  const kept = new Bounded<number>(10, (value) => value);
  for (let again = 0; again < 5; again++) kept.set("a", 8);
  kept.set("b", 2);
  expect(kept.has("a")).toBe(true);
});
