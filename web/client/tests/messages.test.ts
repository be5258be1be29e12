import { describe, expect, test } from "vitest";
import { COLOURS, comesBack, decode, reconnectDelay, type ServerMessage } from "../src/messages";
import { vectors } from "./vectors";

interface Vectors {
  server: ServerMessage[];
  colours: string[];
  close_codes: { code: number; name: string; come_back: boolean }[];
}

const { server, colours, close_codes: codes } = vectors<Vectors>("messages");

test.each(server)("a $type of the vectors is understood", (message) => {
  expect(decode(JSON.stringify(message))).toEqual(message);
});

test("a message of an unknown type is ignored", () => {
  expect(decode('{"type":"of tomorrow"}')).toBeUndefined();
});

test("colours are the server's", () => {
  expect([...COLOURS]).toEqual(colours);
});

describe("close codes", () => {
  test.each(codes)("after $name the page comes back or not, as the server says", ({ code, come_back: expected }) => {
    expect(comesBack(code)).toBe(expected);
  });
  test("a cut comes back", () => {
    expect(comesBack(1006)).toBe(true);
  });
});

test("the first try is at once, later ones between 50 ms and 2 s", () => {
  expect(reconnectDelay(0, 0.9)).toBe(0);
  for (const failures of [1, 2, 5, 40]) {
    expect(reconnectDelay(failures, 0)).toBeGreaterThanOrEqual(50);
    expect(reconnectDelay(failures, 0.999999)).toBeLessThanOrEqual(2000);
  }
});
