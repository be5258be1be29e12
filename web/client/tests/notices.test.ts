import { expect, test } from "vitest";
import { offered } from "../src/notices";

const signed = { kind: "opinion.signed", path: "/consults/A" };
const invited = { kind: "room.invited", path: "/rooms/R" };

test("a notice leads to its page, and on that page, which refreshes itself, only says it", () => {
  expect(offered(signed, "/")).toBe("open");
  expect(offered(signed, "/consults/A")).toBe("words");
});

test("an invitation leads to its room, and says nothing to who is in it", () => {
  expect(offered(invited, "/consults/A")).toBe("join");
  expect(offered(invited, "/rooms/R")).toBe("nothing");
});
