// What is kept for a while: so much of it, the longest unused goes first. Pure.

export class Bounded<Value> {
  private readonly kept = new Map<string, Value>();
  private weight = 0;

  constructor(
    private readonly most: number,
    private readonly weigh: (value: Value) => number,
  ) {}

  get(key: string): Value | undefined {
    const value = this.kept.get(key);
    if (value === undefined) return undefined;
    this.kept.delete(key);
    this.kept.set(key, value);
    return value;
  }

  has(key: string): boolean {
    return this.kept.has(key);
  }

  set(key: string, value: Value): void {
    this.delete(key);
    this.kept.set(key, value);
    this.weight += this.weigh(value);
    for (const oldest of this.kept.keys()) {
      if (this.weight <= this.most || oldest === key) break;
      this.delete(oldest);
    }
  }

  entries(): IterableIterator<[string, Value]> {
    return this.kept.entries();
  }

  private delete(key: string): void {
    const value = this.kept.get(key);
    if (value === undefined) return;
    this.kept.delete(key);
    this.weight -= this.weigh(value);
  }
}
