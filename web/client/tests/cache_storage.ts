// The browser's Cache Storage as far as warm_store.ts uses it, in memory: Node has the digests and the cipher, but not this.

import { afterEach, beforeEach, vi } from "vitest";

class Entries {
  private readonly all = new Map<string, Response>();

  async match(address: string): Promise<Response | undefined> {
    return this.all.get(address)?.clone();
  }

  async put(address: string, answer: Response): Promise<void> {
    this.all.set(address, answer);
  }
}

class Caches {
  private readonly all = new Map<string, Entries>();

  async has(name: string): Promise<boolean> {
    return this.all.has(name);
  }

  async open(name: string): Promise<Entries> {
    const there = this.all.get(name) ?? new Entries();
    this.all.set(name, there);
    return there;
  }

  async delete(name: string): Promise<boolean> {
    return this.all.delete(name);
  }
}

/** Each test of the file begins with nothing kept. */
export function cacheStorage(): void {
  beforeEach(() => void vi.stubGlobal("caches", new Caches()));
  afterEach(() => void vi.unstubAllGlobals());
}

/** Of a slide, as the server gives it. */
export const KEY = btoa("\x07".repeat(32));
