// What several measurements say together. Pure.

export type Verdict = "ok" | "warn" | "bad";

/** One weak point is enough to say so; of none there is nothing to complain. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes("bad") ? "bad" : verdicts.includes("warn") ? "warn" : "ok";
