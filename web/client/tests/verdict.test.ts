import { expect, test } from "vitest";
import { worst } from "../src/verdict";

test("the weakest measurement decides", () => {
  expect(worst(["ok", "ok"])).toBe("ok");
  expect(worst(["ok", "warn", "ok"])).toBe("warn");
  expect(worst(["warn", "bad", "ok"])).toBe("bad");
  expect(worst([])).toBe("ok");
});
