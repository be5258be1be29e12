// The keyboard of the worklist: j and k walk over its lines, Enter opens (a link does that by itself), / searches, g and a
// letter lead to a tab. Off while somebody types, and where its reader has switched it off (letter_keys.ts).

import { lettersWanted, switchLetters } from "./letter_keys";

export type Step =
  | { readonly do: "move"; readonly by: 1 | -1 }
  | { readonly do: "search" }
  | { readonly do: "prefix" }
  | { readonly do: "view"; readonly view: string };

export const VIEWS: Readonly<Record<string, string>> = {
  m: "mine",
  a: "to-answer",
  w: "waiting",
  l: "late",
  s: "signed",
  i: "institution",
  e: "all",
};

/** How long after `g` a letter still belongs to it, ms. */
export const PATIENCE = 1500;

/** What a key means; `prefixed`: `g` was pressed right before. */
export function stepOf(key: string, prefixed: boolean): Step | undefined {
  if (prefixed) {
    const view = VIEWS[key];
    return view === undefined ? undefined : { do: "view", view };
  }
  if (key === "j" || key === "k") return { do: "move", by: key === "j" ? 1 : -1 };
  if (key === "/") return { do: "search" };
  return key === "g" ? { do: "prefix" } : undefined;
}

/** The place to go to from `at` (-1: none yet) among `count` lines; it stays at the ends. */
export const nextOf = (at: number, by: 1 | -1, count: number): number =>
  count === 0 ? -1 : at < 0 ? (by === 1 ? 0 : count - 1) : Math.min(count - 1, Math.max(0, at + by));

export function walkList(): void {
  const list = document.querySelector<HTMLElement>("#worklist");
  const help = document.querySelector<HTMLDetailsElement>("#list-keys");
  const on = document.querySelector<HTMLInputElement>("#list-keys-on");
  if (list === null || help === null || on === null) return;
  help.hidden = false;
  switchLetters(on);
  let prefixedAt = -Infinity;
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]") !== null;
    if (!lettersWanted() || typing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const step = stepOf(event.key, event.timeStamp - prefixedAt < PATIENCE);
    prefixedAt = step?.do === "prefix" ? event.timeStamp : -Infinity;
    if (step === undefined) return;
    event.preventDefault();
    if (step.do === "search") list.querySelector<HTMLElement>("#q")?.focus();
    // Its own links: a tab that is not there is not this reader's.
    if (step.do === "view") list.querySelector<HTMLElement>(`.tabs a[data-view="${CSS.escape(step.view)}"]`)?.click();
    if (step.do === "move") {
      const lines = [...list.querySelectorAll<HTMLElement>(".worklist a.row-title")];
      lines[nextOf(lines.indexOf(document.activeElement as HTMLElement), step.by, lines.length)]?.focus();
    }
  });
}
