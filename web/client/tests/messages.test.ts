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

test("the first try is at once, the next within 50 ms, later ones within about twice as long each, at most 2 s", () => {
  expect(reconnectDelay(0, 0.9)).toBe(0);
  for (const [failures, longest] of [[1, 50], [2, 90], [5, 650], [7, 2000], [40, 2000]] as const) {
    expect(reconnectDelay(failures, 0)).toBe(10);
    expect(reconnectDelay(failures, 0.999999)).toBeCloseTo(longest, 1);
  }
});
