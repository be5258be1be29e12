import { expect, test } from "vitest";
import { actionOf, ofPanel, overSlide } from "../src/keyboard";

const stroke = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey", boolean>> = {}): Parameters<typeof actionOf>[0] => ({
  key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held,
});

test("R turns right, Shift + R turns left", () => {
  expect(actionOf(stroke("r"), false)).toEqual({ do: "rotate", by: 15 });
  expect(actionOf(stroke("R", { shiftKey: true }), false)).toEqual({ do: "rotate", by: -15 });
});

test("F is the full screen alone, and rejoins the presenter in a room", () => {
  expect(actionOf(stroke("f"), false)).toEqual({ do: "full-screen" });
  expect(actionOf(stroke("f"), true)).toEqual({ do: "rejoin" });
  expect(actionOf(stroke("F", { shiftKey: true }), true)).toEqual({ do: "full-screen" });
});

test("the row of digits chooses objectives on QWERTY and AZERTY keyboards", () => {
  expect(actionOf(stroke("5"), false)).toEqual({ do: "objective", value: 40 });
  expect(actionOf(stroke("("), false)).toEqual({ do: "objective", value: 40 });
  expect(actionOf(stroke("à"), false)).toEqual({ do: "fit" });
});

test("D writes about the field that is on the screen", () => {
  expect(actionOf(stroke("d"), false)).toEqual({ do: "discuss" });
});

test("in a room G gathers, D asks or grants, J goes on; alone they do what they do there", () => {
  expect(["g", "d", "j"].map((key) => actionOf(stroke(key), true))).toEqual([{ do: "gather" }, { do: "present" }, { do: "item" }]);
  expect(actionOf(stroke("j"), false)).toBeUndefined();
});

test("in a room T takes the pen and Z takes the last line back; alone they do nothing", () => {
  expect(["t", "z"].map((key) => actionOf(stroke(key), true))).toEqual([{ do: "ink" }, { do: "ink-undo" }]);
  expect(["t", "z"].map((key) => actionOf(stroke(key), false))).toEqual([undefined, undefined]);
});

test("in a panel the keys that scroll are the panel's, and only there", () => {
  const inside = { closest: (selectors: string): unknown => (selectors === ".panel" ? {} : null) };
  const outside = { closest: (): unknown => null };
  const keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home"];
  expect(keys.filter((key) => ofPanel({ key }, inside))).toEqual(keys);
  expect(keys.filter((key) => ofPanel({ key }, outside))).toEqual([]);
  expect(["Escape", "f", "+"].filter((key) => ofPanel({ key }, inside))).toEqual([]);
});

test("the browser keeps its own keys", () => {
  expect(actionOf(stroke("r", { ctrlKey: true }), false)).toBeUndefined();
  expect(actionOf(stroke("l", { ctrlKey: true }), false)).toBeUndefined();
});

test("G keeps the field with its picture, and P marks it", () => {
  expect(actionOf(stroke("g"), false)).toEqual({ do: "keep" });
  expect(actionOf(stroke("p"), false)).toEqual({ do: "pin" });
});

test("the page keys and the brackets go through the focal planes", () => {
  expect(actionOf(stroke("PageUp"), false)).toEqual({ do: "focus", by: 1 });
  expect(actionOf(stroke("["), true)).toEqual({ do: "focus", by: -1 });
});

test.each(["dialog:modal", ".ended:not([hidden])", ":root[data-session=over]", "#more-tools:popover-open"])("no key goes past %s", (there) => {
  const page = (what: string): Parameters<typeof overSlide>[0] => ({ querySelector: (selectors) => (selectors.split(", ").includes(what) ? {} : null) });
  expect(overSlide(page(there))).toBe(true);
  expect(overSlide(page("dialog"))).toBe(false);
});
