// What whoever leads a board on takes along into the next room: that they do, and what is still to come. It lies in this tab
// until they have used both, for the same person and that room.

import { person } from "./kept_text";
import type { Item } from "./messages";

const KEY = "onward";

interface HandedOn {
  /** Whether they have still to take the presentation there. */
  readonly leads: boolean;
  readonly items: readonly Item[];
}

interface Kept extends HandedOn {
  readonly person: string;
  readonly room: string;
}

export function handOn(room: string, items: readonly Item[]): void {
  keep({ person: person(), room, leads: true, items });
}

/** Undefined: nobody was led into this room by this page. */
export function handedOn(room: string): HandedOn | undefined {
  const kept = read();
  if (kept?.person === person() && kept.room === room) return { leads: kept.leads, items: kept.items };
  used();
  return undefined;
}

/** They led into this room, once: what is still to come may wait. */
export function led(): void {
  const kept = read();
  if (kept === undefined || kept.items.length === 0) used();
  else keep({ ...kept, leads: false });
}

export function used(): void {
  sessionStorage.removeItem(KEY);
}

const keep = (kept: Kept): void => sessionStorage.setItem(KEY, JSON.stringify(kept));

function read(): Kept | undefined {
  const text = sessionStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as Kept);
}
