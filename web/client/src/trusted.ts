// Trusted Types on the viewer and room pages. OpenSeadragon empties elements by innerHTML = "": the default policy lets
// exactly the empty string through, and as a script the one worker that was built with the page; anything else throws in the
// browser that enforces it.

import { find } from "./dom";

interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string | null; createScriptURL(address: string): string | null },
  ): unknown;
}

const WORKER = /^\/static\/lut_worker-[A-Z0-9]{8}\.js$/;

export function allowOnlyEmptyHtml(): void {
  const factory = (window as { trustedTypes?: PolicyFactory }).trustedTypes;
  factory?.createPolicy("default", {
    createHTML: (text) => (text === "" ? "" : null),
    createScriptURL: (address) => (WORKER.test(address) ? address : null),
  });
}

/** Throws where the browser has no workers, or the page names another script. */
export function builtWorker(): Worker {
  const address = find("#stage", HTMLElement).dataset["lutWorker"] ?? "";
  if (!WORKER.test(address)) throw new Error("the page names no worker");
  return new Worker(address, { type: "module" });
}
