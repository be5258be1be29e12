import { expect, test } from "vitest";
import { deltaE, labOf, rgbOf, type Lab } from "../src/delta_e";
import { LETTERS, outcome, STEPS, trials, verdict, type Trial } from "../src/letters";
import { vectors } from "./vectors";

const { pairs } = vectors<{ pairs: number[][] }>("delta_e");

/** A number of [0, 1) after the other, the same each time. */
const chance = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

test("the distance of two colours is the one that was published", () => {
  for (const [l1, a1, b1, l2, a2, b2, far] of pairs) {
    expect(deltaE([l1, a1, b1] as unknown as Lab, [l2, a2, b2] as unknown as Lab)).toBeCloseTo(far!, 4);
  }
  expect(pairs.length).toBe(34);
});

test("a colour comes back from Lab", () => {
  for (const rgb of [[0, 0, 0], [255, 255, 255], [226, 168, 200], [104, 84, 150]] as const) expect(rgbOf(labOf(rgb))).toEqual(rgb);
});

test("each letter lies as far from its ground as it should, after rounding to 8 bits", () => {
  for (let seed = 1; seed < 40; seed++) {
    const all = trials(chance(seed));
    expect(all.map((one) => Math.round(one.step * 2) / 2).sort()).toEqual([...STEPS].sort());
    expect(Math.round(all[0]!.step)).toBe(2);
    for (const one of all) {
      expect(STEPS.some((step) => Math.abs(one.step - step) <= 0.1)).toBe(true);
      expect(LETTERS).toContain(one.letter);
      expect(one.step).toBeCloseTo(deltaE(labOf(one.ground), labOf(one.ink)), 9);
    }
  }
});

test("what was read counts, and the faintest of it", () => {
  const at = (letter: string, step: number): Trial => ({ letter, step, ground: [0, 0, 0], ink: [1, 1, 1] });
  const all = [at("E", 2.04), at("F", 1.46), at("H", 1.02), at("T", 0.98)];
  expect(outcome(all, ["E", "F", "", "K"])).toEqual({ trials: 4, seen: 2, faintest: 1.5 });
  expect(outcome(all, ["", "", "", ""])).toEqual({ trials: 4, seen: 0, faintest: null });
  expect([12, 9, 8, 6, 5].map((seen) => verdict({ trials: 12, seen, faintest: 1 }))).toEqual(["good", "good", "fair", "fair", "poor"]);
});
