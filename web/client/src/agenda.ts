// What is to be spoken of in the room, and how far it has come. Pure.

import type { Agenda as Told, Fact, Item } from "./messages";

export class Agenda {
  items: readonly Item[] = [];
  /** The point at hand, and since when, ms since 1970; undefined: nobody knows. */
  private at: { readonly id: string; readonly since: number | undefined } = { id: "", since: undefined };

  /** What a welcome says. What is known already of the point at hand stays known. */
  welcomed(told: Told | null): void {
    this.items = told?.items ?? [];
    const now = told?.now ?? "";
    const since = told?.since === undefined || told.since === "" ? undefined : Date.parse(told.since);
    this.at = { id: now, since: since ?? (now === this.at.id ? this.at.since : undefined) };
  }

  heard(fact: Fact): void {
    if (fact.kind === "agenda") this.items = fact.body.items;
    else if (fact.kind === "item" || (fact.kind === "onward" && fact.body.item !== "")) this.at = { id: fact.body.item, since: Date.parse(fact.at) };
  }

  get now(): Item | undefined {
    return this.items.find((item) => item.id === this.at.id);
  }

  /** From 1; 0: none is at hand. */
  get place(): number {
    return this.items.findIndex((item) => item.id === this.at.id) + 1;
  }

  /** The point after the one at hand; the first when none is. */
  get next(): Item | undefined {
    return this.items[this.place];
  }

  /** Whole minutes that the point at hand has taken; undefined: none is, or nobody knows. `now`: ms since 1970. */
  minutes(now: number): number | undefined {
    if (this.now === undefined || this.at.since === undefined) return undefined;
    return Math.max(0, Math.floor((now - this.at.since) / 60_000));
  }

  /** All points together. */
  get planned(): number {
    return this.items.reduce((sum, item) => sum + item.minutes, 0);
  }
}

/** The items with one of them moved `by` places, as far as there are. */
export function moved<T>(items: readonly T[], index: number, by: number): readonly T[] {
  const to = Math.min(Math.max(index + by, 0), items.length - 1);
  const rest = items.filter((_, at) => at !== index);
  const item = items[index];
  return item === undefined ? items : [...rest.slice(0, to), item, ...rest.slice(to)];
}
