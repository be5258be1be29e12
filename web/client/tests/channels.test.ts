import { expect, test } from "vitest";
import {
  asScanned, autoWindow, byteOf, channelsText, compose, histogram, readChannels, sane, table, valueOf, type Channel,
} from "../src/channels";

const deep: Channel = { name: "DAPI", colour: "#0000ff", lowest: 0, highest: 4095, low: 100, high: 2000, companded: true };
const plain: Channel = { name: "Cy3", colour: "#ff8000", lowest: 0, highest: 255, low: 0, high: 255, companded: false };
const grey = (...bytes: number[]): { width: number; height: number; bytes: Uint8Array } =>
  ({ width: bytes.length, height: 1, bytes: new Uint8Array(bytes) });

test("bytes stand for samples by the square of what they share", () => {
  expect(valueOf(deep, 0)).toBe(0);
  expect(valueOf(deep, 255)).toBe(4095);
  expect(valueOf(deep, 127.5)).toBeCloseTo(4095 / 4);
  for (const byte of [0, 1, 17, 128, 254, 255]) expect(byteOf(deep, valueOf(deep, byte))).toBeCloseTo(byte, 6);
  expect(valueOf(plain, 77)).toBe(77);
});

test("a window is black below and of full colour above", () => {
  const colours = table(plain, { shown: true, colour: "#ff8000", low: 100, high: 200 });
  const at = (byte: number): number[] => [...colours.subarray(3 * byte, 3 * byte + 3)];
  expect(at(100)).toEqual([0, 0, 0]);
  expect(at(150)).toEqual([128, 64, 0]);
  expect(at(200)).toEqual([255, 128, 0]);
  expect(at(255)).toEqual([255, 128, 0]);
});

test("channels are added up, and clipped at white", () => {
  const red = table(plain, { shown: true, colour: "#ff0000", low: 0, high: 255 });
  const yellow = table(plain, { shown: true, colour: "#ffff00", low: 0, high: 255 });
  const rgba = compose({ width: 3, height: 1 }, [grey(0, 200, 10), grey(0, 100, 20)], [red, yellow]);
  expect([...rgba]).toEqual([0, 0, 0, 255, 255, 100, 0, 255, 30, 20, 0, 255]);
  expect([...compose({ width: 1, height: 1 }, [], [])]).toEqual([0, 0, 0, 255]);
});

test("the automatic window leaves out the darkest and the brightest few", () => {
  const counts = new Uint32Array(256);
  counts[20] = 5000;
  counts[90] = 4900;
  counts[255] = 5; // dust
  const found = autoWindow(deep, counts)!;
  expect(found.low).toBe(Math.round(valueOf(deep, 20)));
  expect(found.high).toBe(Math.round(valueOf(deep, 90)));
  expect(autoWindow(deep, new Uint32Array(256))).toBeUndefined();
  expect(autoWindow(deep, histogram([grey(7, 7, 7)]))!.high).toBeGreaterThan(autoWindow(deep, histogram([grey(7)]))!.low);
});

test("a window has some width, and lies in the channel's range", () => {
  const before = asScanned([deep])[0]!;
  expect(sane(deep, { ...before, low: 3000, high: 200 }, before)).toEqual(before);
  expect(sane(deep, { ...before, low: -5, high: 9999 }, before)).toEqual({ ...before, low: 0, high: 4095 });
  expect(sane(deep, { ...before, low: NaN, colour: "red" }, before)).toEqual(before);
});

test("a link says which channels are shown, and how", () => {
  const channels = [deep, plain];
  const looks = [{ shown: true, colour: "#00ff00", low: 120, high: 3000 }, { ...asScanned([plain])[0]!, shown: false }];
  expect(channelsText(looks)).toBe("0:00ff00:120:3000");
  expect(readChannels(channelsText(looks), channels)).toEqual(looks);
});

test.each(["", "x", "9:ff0000:0:1", ":::", "0"])("%j is no choice of channels: the slide is shown as scanned", (text) => {
  expect(readChannels(text, [deep, plain])).toEqual(asScanned([deep, plain]));
});
