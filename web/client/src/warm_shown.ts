// Which tiles were shown out of those that were kept ahead, and which of them the server was not told yet. Pure.

/** Names in one request. */
export const AT_ONCE = 500;

export class WarmShown {
  private readonly waiting = new Set<string>();
  private readonly told = new Set<string>();

  /** Returns whether it is to be told. */
  show(name: string): boolean {
    if (!this.told.has(name)) this.waiting.add(name);
    return this.waiting.has(name);
  }

  /** What is told now, request by request: one of them, or `all`, when there is no later. */
  due(all: boolean): string[][] {
    const found: string[][] = [];
    while (this.waiting.size > 0 && (all || found.length === 0)) {
      const names = [...this.waiting].slice(0, AT_ONCE);
      for (const name of names) {
        this.waiting.delete(name);
        this.told.add(name);
      }
      found.push(names);
    }
    return found;
  }

  /** These did not arrive. */
  again(names: readonly string[]): void {
    for (const name of names) {
      this.told.delete(name);
      this.waiting.add(name);
    }
  }
}
