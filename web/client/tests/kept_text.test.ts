import { expect, test } from "vitest";

import { isKept } from "../src/kept_text";

test("only a form that says so is kept when its session ends, and a draft keeps its own", () => {
  expect(isKept({ dataset: { keep: "" } })).toBe(true);
  expect(isKept({ dataset: {} })).toBe(false);
  expect(isKept({ dataset: { keep: "", draft: "/consults/1/draft" } })).toBe(false);
  expect(isKept(null)).toBe(false);
});
