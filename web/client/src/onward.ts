// A board goes from room to room: where it went on to, as long as it has not come back. Pure.

import type { Agenda } from "./agenda";
import type { Fact, Item } from "./messages";

/** What leads on: `seq` is of the fact. */
export interface Way {
  readonly seq: number;
  readonly room: string;
  /** Who said so. */
  readonly actor: string;
  readonly name: string;
}

/** Facts by which the room goes on by itself. */
const HERE: ReadonlySet<Fact["kind"]> = new Set(["slide", "item", "presenter", "gathered"]);

export class Onward {
  /** Undefined: the room is where everybody is. */
  way: Way | undefined;

  heard(fact: Fact): void {
    if (fact.kind === "onward") this.way = { seq: fact.seq, room: fact.body.room, actor: fact.actor, name: fact.name };
    else if (HERE.has(fact.kind)) this.way = undefined;
  }

  /** The room's facts are others than those that were heard. */
  reset(): void {
    this.way = undefined;
  }
}

/** The rooms that a text names, by their addresses or ids, each once. */
export function roomsIn(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:^|\/rooms\/|\s)([0-9a-hjkmnp-tv-z]{26})(?![0-9a-z])/g)].map(([, id]) => id!);
  return [...new Set(found)];
}

/** What of an agenda is still to come in the room that it leads to: not what shows a slide of this one's case. */
export function stillToCome(agenda: Agenda, room: string): readonly Item[] {
  return agenda.items.slice(agenda.place).filter((item) => item.slide === "" && item.room !== room);
}
