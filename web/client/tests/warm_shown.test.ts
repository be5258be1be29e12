import { expect, test } from "vitest";
import { AT_ONCE, WarmShown } from "../src/warm_shown";

/** So many tiles were shown. */
function shown(count: number): [WarmShown, string[]] {
  const made = new WarmShown();
  const names = Array.from({ length: count }, (_, column) => `0/${column}_0`);
  for (const name of names) made.show(name);
  return [made, names];
}

test("what was shown is told once", () => {
  const [made, names] = shown(3);
  expect(made.due(false)).toEqual([names]);
  expect(made.show(names[0]!)).toBe(false);
  expect(made.due(true)).toEqual([]);
});

test("of many so many at a time are told, and all of them when the page is left", () => {
  const [made, names] = shown(2 * AT_ONCE + 7);
  expect(made.due(false)).toEqual([names.slice(0, AT_ONCE)]);
  expect(made.due(true)).toEqual([names.slice(AT_ONCE, 2 * AT_ONCE), names.slice(2 * AT_ONCE)]);
});

test("what did not arrive is told again", () => {
  const [made, names] = shown(3);
  made.again(made.due(false)[0]!);
  expect(made.due(false)).toEqual([names]);
});
