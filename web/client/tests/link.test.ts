import { expect, test } from "vitest";
import { readHash, readView, rounded, viewText } from "../src/link";

const view = { x: 20123.25, y: 15000.5, width: 1600.125, height: 900, rotation: 345, flip: true };

test("a link opens exactly the field it was made of", () => {
  expect(readHash(`#view=${viewText(view)}`)).toEqual(rounded(view));
});

test.each(["", "1,2,3", "a,b,c,d,e,f", "0,0,-5,5,0,0", "0,0,0,5,0,0", "0,0,1e99,5,0,0", "0,0,5,5,0,2", "0,0,5,5,,0"])(
  "%j is not a view",
  (text) => {
    expect(readView(text)).toBeUndefined();
  },
);

test("a page without a view in its address has none", () => {
  expect(readHash("")).toBeUndefined();
  expect(readHash("#main")).toBeUndefined();
});
