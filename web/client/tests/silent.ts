// A server that takes requests and answers none of them, and the browser's own limit of time by the clock of the test.

import { vi } from "vitest";

/** From now on. Returns the addresses that were asked. */
export function silent(): string[] {
  vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new DOMException("too long", "TimeoutError")), milliseconds);
    return limit.signal;
  });
  const asked: string[] = [];
  vi.stubGlobal("fetch", (address: string, { signal }: RequestInit) => {
    asked.push(address);
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  return asked;
}
