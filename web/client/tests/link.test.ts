import { expect, test } from "vitest";
import { asScanned } from "../src/channels";
import { fragment, lookOf, lookOfWire, readHash, readLook, readView, rounded, seenIn, styleOf, viewText, wireOf } from "../src/link";

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
  const text = `#${fragment(view, lookOf(style, stack, "off"))}`;
  expect(readHash(text)).toEqual(rounded(view));
  expect(styleOf(readLook(text), stack)).toEqual(style);
  expect(readLook(text).colours).toBe("off");
  const flat = { channels: [], planes: { count: 1, spacing: null } };
  expect(fragment(view, lookOf({ plane: 0, channels: [] }, flat))).toBe(`view=${viewText(view)}`);
  expect(seenIn(view, lookOf({ plane: 0, channels: [] }, flat))).toEqual(view);
});

test("a frame of the room carries plane and channels, and nothing of channels that are as scanned", () => {
  const style = { plane: 3, channels: [{ ...asScanned([channel])[0]!, low: 10 }, { ...asScanned(stack.channels)[1]!, shown: false }] };
  expect(styleOf(lookOfWire(wireOf(style, stack)), stack)).toEqual(style);
  const plain = { plane: 0, channels: asScanned(stack.channels) };
  expect(wireOf(plain, stack)).toEqual({ plane: 0, channels: [] });
  expect(styleOf(lookOfWire(wireOf(plain, stack)), stack)).toEqual(plain);
});

test("a window that was typed with many digits is kept to a thousandth", () => {
  const looks = asScanned(stack.channels).map((look) => ({ ...look, low: 1e-7, high: 12.3456789 }));
  expect(lookOf({ plane: 2, channels: looks }, stack).channels).toBe("0:0000ff:0:12.346,1:ff0000:0:12.346");
});

test.each(["#z=5", "#z=-1", "#z=1.5", "#z=", "#z=x", ""])("%j names no plane of the slide: it opens in the middle", (text) => {
  expect(styleOf(readLook(text), stack).plane).toBe(2);
});
