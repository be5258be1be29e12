import { expect, test } from "vitest";
import { actionOf } from "../src/keyboard";
import { keyCounts } from "../src/letter_keys";

/** The keys of these that do something. */
const counting = (keys: readonly string[], wanted: boolean, onSlide: boolean): string[] =>
  keys.filter((key) => {
    const action = actionOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false }, true);
    return action !== undefined && keyCounts({ key }, action, wanted, onSlide);
  });

const CHARACTERS = ["r", "t", "z", "g", "j", "d", "f", "c", "0", "3", "é", "?", "[", "]", "+", "=", "-"];
const OTHERS = ["ArrowLeft", "PageUp", "PageDown", "Home", "Escape"];

test("every key counts as long as its reader wants those of a letter", () => {
  expect(counting([...CHARACTERS, ...OTHERS], true, false)).toEqual([...CHARACTERS, ...OTHERS]);
});

test("switched off, no letter, digit or sign does anything, from wherever it comes", () => {
  expect(counting([...CHARACTERS, ...OTHERS], false, false)).toEqual(OTHERS);
});

test("switched off, the slide itself is still zoomed by + and −", () => {
  expect(counting([...CHARACTERS, ...OTHERS], false, true)).toEqual(["+", "=", "-", ...OTHERS]);
});
