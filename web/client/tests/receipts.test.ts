import { describe, expect, test } from "vitest";
import type { ReceiptFrame } from "../src/frames";
import type { View } from "../src/geometry";
import type { Member } from "../src/messages";
import { commonPart, Receipts } from "../src/receipts";

const member = (person: string, ...streams: number[]): Member => ({
  person, name: `Dr ${person}`, institution: "", colour: 0, streams, following: true, whom: "", width: 0,
});
const FIELD: View = { x: 1000, y: 1000, width: 800, height: 400, rotation: 0, flip: false };
const SENT = { stream: 1, field: 40 };
const CLAIRE = member("Claire", 2);
const PAUL = member("Paul", 3, 4);

/** An answer to the newest field; the window shows 1000 × 600 px about its centre, unless told. */
const answer = (stream: number, more: Partial<ReceiptFrame> = {}): ReceiptFrame => ({
  kind: "receipt", stream, epoch: 5, sequence: 1, time: 0, of: SENT.stream, field: SENT.field,
  x: 1000 * 256, y: 1000 * 256, width: 1000 * 256, height: 600 * 256, usable: false, sharp: false, reduced: false, ...more,
});
function heard(...answers: ReceiptFrame[]): Receipts {
  const receipts = new Receipts();
  for (const one of answers) receipts.hear(one);
  return receipts;
}

describe("how sharp the field is on a screen", () => {
  test.each([
    ["nothing heard", heard(), "loading"],
    ["tiles are missing", heard(answer(2)), "loading"],
    ["all there, some coarse", heard(answer(2, { usable: true })), "usable"],
    ["all there", heard(answer(2, { usable: true, sharp: true })), "sharp"],
    ["sharp, of a field that is no longer shown", heard(answer(2, { sharp: true, field: 39 })), "loading"],
    ["sharp, of the field of another", heard(answer(2, { sharp: true, of: 9 })), "loading"],
    ["what came later counts", heard(answer(2, { sharp: true }), answer(2, { sequence: 2 })), "loading"],
    ["what came too late does not", heard(answer(2, { sequence: 3, sharp: true }), answer(2, { sequence: 2 })), "sharp"],
    ["a new epoch begins its sequence anew", heard(answer(2, { sequence: 30 }), answer(2, { epoch: 6, sharp: true })), "sharp"],
  ] as const)("%s: %s", (_, receipts, sharpness) => {
    expect(receipts.of(CLAIRE, SENT)).toBe(sharpness);
  });

  test("of two windows of a person the sharper one counts, and people are counted once", () => {
    const receipts = heard(answer(2), answer(3, { usable: true }), answer(4, { usable: true, sharp: true }));
    expect(receipts.of(PAUL, SENT)).toBe("sharp");
    expect(receipts.sharp([CLAIRE, PAUL], SENT)).toBe(1);
  });

  test("who has left is not counted when their number comes again", () => {
    const receipts = heard(answer(2, { sharp: true }));
    receipts.present([PAUL]);
    expect(receipts.of(CLAIRE, SENT)).toBe("loading");
  });

  test("in a restored room, which counts on from an epoch that it had before, what comes counts", () => {
    const receipts = heard(answer(2, { sequence: 30 }));
    const next = answer(2, { epoch: 4, sequence: 1, sharp: true });
    receipts.hear(next);
    expect(receipts.of(CLAIRE, SENT)).toBe("loading");
    receipts.reset();
    receipts.hear(next);
    expect(receipts.of(CLAIRE, SENT)).toBe("sharp");
  });

  test("before anything was sent nothing is sharp", () => {
    expect(heard(answer(2, { sharp: true })).of(CLAIRE, undefined)).toBe("loading");
  });
});

describe("what everybody sees", () => {
  const part = (x: number, width: number, height = 600): Partial<ReceiptFrame> => ({ x: x * 256, width: width * 256, height: height * 256 });

  test("of windows that show the whole field there is nothing to say", () => {
    expect(heard(answer(2), answer(3)).common([CLAIRE, PAUL], SENT, FIELD)).toBeUndefined();
  });

  test("it is what each of them shows", () => {
    const receipts = heard(answer(2, part(900, 600)), answer(3, part(1100, 900, 200)));
    // 600…1200 and 650…1550 of 600…1400; 900…1100 of 800…1200
    expect(receipts.common([CLAIRE, PAUL], SENT, FIELD)).toEqual({ ...FIELD, x: 925, width: 550, height: 200 });
  });

  test("nobody knows while an answer to the newest field is missing, but who never answers is not waited for", () => {
    const small = answer(2, part(1000, 400));
    expect(heard(small, answer(3, { field: 39 })).common([CLAIRE, PAUL], SENT, FIELD)).toBeUndefined();
    expect(heard(small).common([CLAIRE, PAUL], SENT, FIELD)?.width).toBe(400);
    expect(heard().common([CLAIRE], SENT, FIELD)).toBeUndefined();
  });

  test("of a turned field it lies along the field's own sides", () => {
    const field = { ...FIELD, rotation: 90 };
    // Turned clockwise by a quarter, what lies below on the slide is to the left on the screen.
    const common = commonPart(field, [{ x: 1000, y: 1100, width: 800, height: 400 }])!;
    expect(common.width).toBeCloseTo(700);
    expect(common.height).toBeCloseTo(400);
    expect([common.x, common.y].map(Math.round)).toEqual([1000, 1050]);
  });

  test("windows that have nothing in common have no common part", () => {
    expect(commonPart(FIELD, [{ x: 0, y: 1000, width: 100, height: 100 }])).toBeUndefined();
  });
});
