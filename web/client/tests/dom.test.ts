import { expect, test } from "vitest";
import { tell } from "../src/dom";

test("what is read out is set when it changes, and not again", () => {
  const set: string[] = [];
  const line = {
    get textContent(): string {
      return set.at(-1) ?? "";
    },
    set textContent(text: string) {
      set.push(text);
    },
  };
  for (const text of ["", "Dr Sevin", "Dr Sevin", "Dr Moreau", "Dr Moreau", ""]) tell(line, text);
  expect(set).toEqual(["Dr Sevin", "Dr Moreau", ""]);
});
