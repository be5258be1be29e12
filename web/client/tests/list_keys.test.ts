import { describe, expect, it } from "vitest";
import { nextOf, stepOf } from "../src/list_keys";

describe("the keyboard of the worklist", () => {
  it("walks, searches, and leads to a tab after g", () => {
    expect(stepOf("j", false)).toEqual({ do: "move", by: 1 });
    expect(stepOf("k", false)).toEqual({ do: "move", by: -1 });
    expect(stepOf("/", false)).toEqual({ do: "search" });
    expect(stepOf("g", false)).toEqual({ do: "prefix" });
    expect(stepOf("l", true)).toEqual({ do: "view", view: "late" });
    expect(stepOf("l", false)).toBeUndefined();
    expect(stepOf("j", true)).toBeUndefined();
  });

  it("begins at either end and stays there", () => {
    expect(nextOf(-1, 1, 3)).toBe(0);
    expect(nextOf(-1, -1, 3)).toBe(2);
    expect(nextOf(2, 1, 3)).toBe(2);
    expect(nextOf(0, -1, 3)).toBe(0);
    expect(nextOf(-1, 1, 0)).toBe(-1);
  });
});
