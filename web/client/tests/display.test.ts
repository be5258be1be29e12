import { afterEach, expect, test, vi } from "vitest";
import { chosenDrawer } from "../src/display";

afterEach(() => {
  vi.unstubAllGlobals();
});

const CARD = "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel Tablet) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";

/** A browser that calls itself `agent`, with `pointer` for its first, that draws WebGL by `renderer`; undefined: it has none. */
function browser(agent: string, pointer: "fine" | "coarse", renderer: string | undefined, chosen: string | null): void {
  const gl = { RENDERER: 0x1f01, getExtension: () => null, getParameter: () => renderer };
  vi.stubGlobal("navigator", { userAgent: agent });
  vi.stubGlobal("window", { matchMedia: (query: string) => ({ matches: query === `(pointer: ${pointer})` }) });
  vi.stubGlobal("document", { createElement: () => ({ getContext: () => (renderer === undefined ? null : gl) }) });
  vi.stubGlobal("localStorage", { getItem: (key: string) => (key === "telepath-drawer" ? chosen : null) });
}

test.each([
  ["a graphics card", WINDOWS, "fine", CARD, "webgl"],
  ["WebGL in software", WINDOWS, "fine", "Google SwiftShader", "canvas"],
  ["no WebGL", WINDOWS, "fine", undefined, "canvas"],
  ["a Mac", MAC, "fine", "Apple GPU", "webgl"],
  ["an iPad, which calls itself a Mac", MAC, "coarse", "Apple GPU", "canvas"],
  ["an iPhone", IPHONE, "coarse", "Apple GPU", "canvas"],
  ["another tablet", ANDROID, "coarse", "Mali-G710", "webgl"],
] as const)("on %s the slide is drawn by what is fastest there, unless the person chose", (_, agent, pointer, renderer, fastest) => {
  for (const unchosen of [null, "auto"]) {
    browser(agent, pointer, renderer, unchosen);
    expect(chosenDrawer()).toBe(fastest);
  }
  for (const chosen of ["canvas", "webgl"]) {
    browser(agent, pointer, renderer, chosen);
    expect(chosenDrawer()).toBe(chosen);
  }
});
