// What a window says of the field that it follows: on a change only, a few times a second at most. Pure: clocks come in, in
// milliseconds.

import type { View } from "./geometry";

/** How the field `field` of the stream `of` is on the screen; `view`: what the window shows. */
export interface Answer {
  readonly of: number;
  readonly field: number;
  readonly view: View;
  readonly usable: boolean;
  readonly sharp: boolean;
  /** Some of it in a second, lossy coding. */
  readonly reduced: boolean;
}

const APART = 125;

const same = (a: Answer, b: Answer): boolean =>
  a.of === b.of && a.field === b.field && a.usable === b.usable && a.sharp === b.sharp && a.reduced === b.reduced &&
  Math.abs(a.view.x - b.view.x) < 1 && Math.abs(a.view.y - b.view.y) < 1 &&
  Math.abs(a.view.width - b.view.width) < 1 && Math.abs(a.view.height - b.view.height) < 1;

export class Answering {
  private last: { readonly answer: Answer; readonly at: number } | undefined;

  /** 0: it goes out now, and counts as sent; else in how many milliseconds to ask again. Undefined: it was said already. */
  due(answer: Answer, now: number): number | undefined {
    if (this.last !== undefined && same(this.last.answer, answer)) return undefined;
    const wait = this.last === undefined ? 0 : this.last.at + APART - now;
    if (wait > 0) return wait;
    this.last = { answer, at: now };
    return 0;
  }

  /** Nothing of what was said is known any more: another connection. */
  forget(): void {
    this.last = undefined;
  }
}
