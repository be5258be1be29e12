import { expect, test } from "vitest";
import { shown } from "../src/browser_notices";

test("the browser shows what is wanted, where it may, and while nobody looks", () => {
  expect(shown({ browser: true }, "granted", false)).toBe(true);
  expect(shown({ browser: false }, "granted", false)).toBe(false);
  expect(shown({ browser: true }, "denied", false)).toBe(false);
  expect(shown({ browser: true }, "default", false)).toBe(false);
  expect(shown({ browser: true }, "granted", true)).toBe(false);
});
