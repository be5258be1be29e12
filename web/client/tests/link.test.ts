import { expect, test } from "vitest";
import { asScanned } from "../src/channels";
import { fragment, readHash, readStyle, readView, rounded, viewText } from "../src/link";

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

const channel = { name: "DAPI", colour: "#0000ff", lowest: 0, highest: 255, low: 0, high: 255, companded: false };
const stack = { channels: [channel, { ...channel, name: "Cy3", colour: "#ff0000" }], planes: { count: 5, spacing: 0.5 } };

test("a link carries the focal plane and the channels, and a slide without them has none in it", () => {
  const style = { plane: 3, channels: [{ ...asScanned([channel])[0]!, low: 10 }, { ...asScanned(stack.channels)[1]!, shown: false }] };
  const text = `#${fragment(view, style, stack)}`;
  expect(readHash(text)).toEqual(rounded(view));
  expect(readStyle(text, stack)).toEqual(style);
  const flat = { channels: [], planes: { count: 1, spacing: null } };
  expect(fragment(view, { plane: 0, channels: [] }, flat)).toBe(`view=${viewText(view)}`);
});

test.each(["#z=5", "#z=-1", "#z=1.5", "#z=", "#z=x", ""])("%j names no plane of the slide: it opens in the middle", (text) => {
  expect(readStyle(text, stack).plane).toBe(2);
});
