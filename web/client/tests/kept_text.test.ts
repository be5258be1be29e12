import { expect, test } from "vitest";

import { isKept, nameOf } from "../src/kept_text";

const form = (action: string | null, id = "") => ({ id, dataset: { keep: "" }, getAttribute: () => action });

test("only a form that says so is kept when its session ends, and a draft keeps its own", () => {
  expect(isKept({ dataset: { keep: "" } })).toBe(true);
  expect(isKept({ dataset: {} })).toBe(false);
  expect(isKept({ dataset: { keep: "", draft: "/consults/1/draft" } })).toBe(false);
  expect(isKept(null)).toBe(false);
});

test("what was typed about one case is never put into the form of another", () => {
  const about = (one: string) => nameOf(form(`/consults/new?case=${one}`), "/consults/new");
  expect(about("a")).not.toBe(about("b"));
  expect(about("a")).toBe(about("a"));
  const line = (room: string) => nameOf(form(null, "line-form"), `/rooms/${room}`);
  expect(line("a")).not.toBe(line("b"));
});
