// The letters of the display check: hardly different from their ground, in the colours of haematoxylin and eosin. Pure.

import { deltaE, labOf, rgbOf, type Rgb } from "./delta_e";

/** Nuclei, cytoplasm, collagen, red cells, mucus and what lies between. */
export const GROUNDS: readonly Rgb[] = [
  [104, 84, 150], [136, 110, 172], [176, 130, 182], [226, 168, 200], [240, 205, 222], [214, 120, 140], [196, 176, 214],
];
/** Told apart from each other at a glance. */
export const LETTERS = "CEFHKLNPRTUZ";
/** ΔE00 of the trials, the easiest first; the rest are mixed. */
export const STEPS: readonly number[] = [2, 2, 2, 2, 1.5, 1.5, 1.5, 1.5, 1, 1, 1, 1];
export const TRIAL_MS = 5000;
const NEAR = 0.1;

export interface Trial {
  readonly letter: string;
  readonly ground: Rgb;
  readonly ink: Rgb;
  /** ΔE00 between them, as 8 bits have them. */
  readonly step: number;
}

/** `chance` gives numbers of [0, 1). */
export function trials(chance: () => number): Trial[] {
  const [first, ...rest] = STEPS;
  for (let at = rest.length - 1; at > 0; at--) {
    const other = Math.floor(chance() * (at + 1));
    [rest[at], rest[other]] = [rest[other]!, rest[at]!];
  }
  return [first!, ...rest].map((step) => trial(step, chance));
}

function trial(wanted: number, chance: () => number): Trial {
  const ground = GROUNDS[Math.floor(chance() * GROUNDS.length)]!;
  const letter = LETTERS[Math.floor(chance() * LETTERS.length)]!;
  const [l, a, b] = labOf(ground);
  let best = { ink: ground, step: 0 };
  // 8 bits have no colour at every distance in every direction.
  for (let tries = 0; tries < 40 && Math.abs(best.step - wanted) > NEAR; tries++) {
    const turn = chance() * 2 * Math.PI;
    const lift = chance() - 0.5;
    for (let far = 0.5; far < 8; far += 0.1) {
      const ink = rgbOf([l + far * lift, a + far * Math.cos(turn), b + far * Math.sin(turn)]);
      const step = deltaE(labOf(ground), labOf(ink));
      if (Math.abs(step - wanted) < Math.abs(best.step - wanted)) best = { ink, step };
    }
  }
  return { letter, ground, ...best };
}

export interface Outcome {
  readonly trials: number;
  readonly seen: number;
  /** ΔE00 of the faintest letter that was read. */
  readonly faintest: number | null;
}

/** `answers` in the order of the trials; empty: not seen. */
export function outcome(all: readonly Trial[], answers: readonly string[]): Outcome {
  const read = all.filter((one, at) => answers[at] === one.letter);
  const faintest = read.length === 0 ? null : Math.round(Math.min(...read.map((one) => one.step)) * 10) / 10;
  return { trials: all.length, seen: read.length, faintest };
}

/** What the reader is told: as telepath/slides/display_check.py judges, and one step below. */
export const verdict = ({ trials: all, seen }: Outcome): "good" | "fair" | "poor" =>
  seen >= 0.75 * all ? "good" : seen >= 0.5 * all ? "fair" : "poor";
