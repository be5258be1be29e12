// What the room would not do, in the reader's words. Pure.

import type { Refusal } from "./messages";
import type { Words } from "./words";

/** A page is not there; in a room it is a slide, or a right to what was asked for. */
const ELSEWHERE: Readonly<Record<string, string>> = { "error-not-found": "error-room-gone" };

/** A field is called what the page calls it, as web/errors.py has it. */
export function whyRefused(words: Words, { code, params }: Pick<Refusal, "code" | "params">): string {
  const { field } = params;
  const named = field === undefined ? params : { ...params, field: words(`field-${field}`) };
  return words(ELSEWHERE[code] ?? code, named);
}
