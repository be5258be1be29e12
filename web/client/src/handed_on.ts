// What whoever leads a board on takes along into the next room: that they do, and what is still to come. It lies in this tab
// until they have used it, for the same person and that room.

import { person } from "./kept_text";
import type { Item } from "./messages";

const KEY = "onward";

interface HandedOn {
  readonly person: string;
  readonly room: string;
  readonly items: readonly Item[];
}

export function handOn(room: string, items: readonly Item[]): void {
  sessionStorage.setItem(KEY, JSON.stringify({ person: person(), room, items } satisfies HandedOn));
}

/** Undefined: nobody was led into this room by this page. */
export function handedOn(room: string): readonly Item[] | undefined {
  const text = sessionStorage.getItem(KEY);
  if (text === null) return undefined;
  const kept = JSON.parse(text) as HandedOn;
  if (kept.person === person() && kept.room === room) return kept.items;
  used();
  return undefined;
}

export function used(): void {
  sessionStorage.removeItem(KEY);
}
