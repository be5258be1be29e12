// How a window shows the field that it follows: all of it, and at a level's own scale when that is near, so that one px of the
// slide is one of the screen and no finer level is needed than is seen. Pure: clocks come in, in milliseconds.

import { contain, easing, sameScale, scaled, type Size, type View } from "./geometry";

export interface Frame {
  /** CSS px. */
  readonly window: Size;
  /** Device px for each. */
  readonly ratio: number;
  /** Downsamples of the slide's levels. */
  readonly levels: readonly number[];
  /** Level-0 px for each CSS px of whoever is followed: at their magnification, not all of their field. */
  readonly same?: number | undefined;
}

/** The 20 % to the next level are passed in so long: without a jump, and before most moves end. */
const PASSING_MS = 200;
const RATE = Math.log(1.2) / PASSING_MS;

export class Framing {
  private eased: number | undefined;
  private wanted = 0;
  private then = 0;

  /** The next view is shown as it is wanted, without passing anything. */
  cut(): void {
    this.eased = undefined;
  }

  /** The view for `field`, which is on its way to `aim`. */
  view(field: View, aim: View, frame: Frame, now: number): View {
    if (frame.same !== undefined) {
      this.eased = this.wanted = 0;
      return sameScale(field, frame.window, frame.same);
    }
    this.wanted = Math.log(easing(aim, frame.window, frame.ratio, frame.levels));
    const step = RATE * (now - this.then);
    this.then = now;
    const off = this.wanted - (this.eased ??= this.wanted);
    this.eased += Math.sign(off) * Math.min(Math.abs(off), step);
    return scaled(contain(field, frame.window), Math.exp(this.eased));
  }

  /** Whether the same field would be shown the same later. */
  get settled(): boolean {
    return this.eased === undefined || this.eased === this.wanted;
  }
}
