// Keys of a single letter, digit or sign, on slides and in the worklist: whoever dictates, or touches keys by accident, switches
// them off (WCAG 2.1.4). One wish for both, kept in the browser; no wish of one slide or case.

import type { Action, Stroke } from "./keyboard";

const OFF = "telepath-list-keys-off";

/** Asked at each key: another tab may have changed it. */
export const lettersWanted = (): boolean => localStorage.getItem(OFF) === null;

/** The box on the page that says so, ticked as long as they are wanted. */
export function switchLetters(box: HTMLInputElement): void {
  const show = (): void => void (box.checked = lettersWanted());
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  window.addEventListener("storage", show);
  show();
}

/** Whether a key counts. Not wanted, no letter, digit or sign does; but who is on the slide zooms it: a key that is "only active
 * when that component has focus" is none of those that 2.1.4 means. */
export const keyCounts = ({ key }: Pick<Stroke, "key">, action: Action, wanted: boolean, onSlide: boolean): boolean =>
  wanted || key.length > 1 || (action.do === "zoom" && onSlide);
