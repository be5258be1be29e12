// The field of whoever presents, as it comes in: which frames count, and what is played of them. Pure: clocks come in, in
// milliseconds.

import { Follower } from "./follower";
import { newer, viewOf, type ViewportFrame } from "./frames";
import type { View } from "./geometry";
import { lookOfWire, type Look } from "./link";

export class Presented {
  /** The field as played last; undefined: nothing was, of this presenter. */
  shown: View | undefined;
  /** How they show the slide; undefined: nothing was heard of it. */
  look: Look | undefined;
  private readonly follower = new Follower();
  private last: ViewportFrame | undefined;
  private early: ViewportFrame | undefined;

  /** Whether there is anything to follow. */
  get heard(): boolean {
    return this.last !== undefined;
  }

  /** Whether a frame counts in this epoch, being newer than what was followed. One of a later epoch waits for `begin`. */
  receive(frame: ViewportFrame, epoch: number): boolean {
    if (frame.epoch > epoch) {
      if (this.early === undefined || newer(frame, this.early)) this.early = frame;
      return false;
    }
    return frame.epoch === epoch && (this.last?.stream !== frame.stream || newer(frame, this.last));
  }

  /** Plays a frame that counts. */
  follow(frame: ViewportFrame, arrived: number): void {
    // Another tab of the presenter has another clock.
    if (this.last?.stream !== frame.stream) this.follower.clear();
    this.last = frame;
    this.look = lookOfWire(frame);
    const target = frame.target && { view: viewOf(frame.target, frame.flip), milliseconds: frame.target.milliseconds };
    this.follower.push({ view: viewOf(frame, frame.flip), time: frame.time, target: target ?? undefined, sequence: frame.sequence }, arrived);
  }

  /** The last frame that was followed. */
  get newest(): ViewportFrame | undefined {
    return this.last;
  }

  /** Where the presenter's field is going, as far as is known. */
  get aim(): View | undefined {
    return this.last && viewOf(this.last.target ?? this.last, this.last.flip);
  }

  /** The frame whose field `at` gave last, or that it had just passed. */
  get reached(): { readonly stream: number; readonly sequence: number } | undefined {
    const sequence = this.follower.reached?.sequence;
    return this.last === undefined || sequence === undefined ? undefined : { stream: this.last.stream, sequence };
  }

  /** A restored room: an epoch that a frame waits for may come again, and is not its own. */
  reset(): void {
    this.begin();
  }

  /** A new epoch: forgets the field, and gives the frame that came before the epoch did. */
  begin(): ViewportFrame | undefined {
    const { early } = this;
    this.follower.clear();
    this.last = this.shown = this.look = this.early = undefined;
    return early;
  }

  /** The field to show now; undefined: nothing was heard yet. */
  at(now: number): View | undefined {
    return this.follower.at(now);
  }

  /** Whether what `at` gives will change without another frame. */
  moving(now: number): boolean {
    return this.follower.moving(now);
  }
}
