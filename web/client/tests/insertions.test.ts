import { expect, test } from "vitest";

import { behind } from "../src/insertions";

test("ready text comes behind what is written, on a line of its own, and once", () => {
  expect(behind("", "Grade :")).toBe("Grade :");
  expect(behind(" \n", "Grade :")).toBe("Grade :");
  expect(behind("Carcinome.\n\n", "Grade :")).toBe("Carcinome.\nGrade :");
  expect(behind("Carcinome.\nGrade :", "Grade :")).toBe("Carcinome.\nGrade :");
});
