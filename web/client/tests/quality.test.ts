import { expect, test } from "vitest";
import { coding, finest, qualityOf } from "../src/quality";

const thin = { thin: true, reduces: true, original: false, resting: false };

test("only a moving view on a thin link is drawn of reduced tiles", () => {
  expect(coding(thin)).toBe("reduced");
  expect(coding({ ...thin, resting: true })).toBe("native");
  expect(coding({ ...thin, thin: false })).toBe("native");
});

test("who wants the original picture always gets it, as does a browser that cannot draw the other", () => {
  expect(coding({ ...thin, original: true })).toBe("native");
  expect(coding({ ...thin, reduces: false })).toBe("native");
});

test("a dense screen is served like a plain one on a thin link, until the view rests", () => {
  expect(finest(thin, 2)).toBeCloseTo(1.02);
  expect(finest(thin, 1)).toBeCloseTo(0.51);
  expect(finest({ ...thin, resting: true }, 2)).toBeCloseTo(0.51);
  expect(finest({ ...thin, original: true }, 2)).toBeCloseTo(0.51);
});

test("one reduced tile makes the picture reduced; it is native only when all of it is", () => {
  expect(qualityOf(["native", "reduced"], true, false)).toBe("reduced");
  expect(qualityOf(["native"], false, false)).toBe("partial");
  expect(qualityOf(["native"], true, true)).toBe("reduced");
  expect(qualityOf(["native", "native"], true, false)).toBe("native");
});
