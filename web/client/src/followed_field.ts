// The field that this window follows: shown as it is played, in its framing; its tiles waited for; and how sharp it is.

import type { Bench } from "./bench";
import { Framing } from "./framing";
import type { ViewportFrame } from "./frames";
import type { View } from "./geometry";
import type { Presented } from "./presented";
import type { Pushed } from "./pushed";
import { commonPart } from "./receipts";
import { SharpWatch } from "./sharp_watch";
import { pushes } from "./window_report";

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-3;

export class FollowedField {
  /** How sharp it is here. */
  readonly sharp: SharpWatch;
  /** CSS px across the window of whoever is followed: their field is shown at their magnification, not all of it. */
  across: number | undefined;
  private readonly framing = new Framing();
  private source: Presented | undefined;

  constructor(
    private readonly bench: Bench,
    private readonly pushed: Pushed,
  ) {
    this.sharp = new SharpWatch(bench.slideView, bench.element);
  }

  /** Whose field this window shows from now on; undefined: nobody's. */
  follow(source: Presented | undefined): void {
    this.pushed.follow(source !== undefined && pushes());
    if (source === this.source) return;
    this.source = source;
    this.framing.cut();
    this.sharp.play(undefined);
    if (source?.newest !== undefined) this.heard(source.newest, performance.now());
  }

  /** A newer field of whom this window follows. */
  heard(frame: ViewportFrame, now: number): void {
    this.pushed.heard(frame, now);
    this.sharp.heard(frame, now);
  }

  /** Shows what is played of it now. */
  show(now: number, cut = false): void {
    const field = this.source?.at(now);
    const { slideView } = this.bench;
    if (field === undefined || this.source === undefined) return;
    if (cut) this.framing.cut();
    const same = this.across === undefined ? undefined : field.width / this.across;
    const view = this.framing.view(field, this.source.aim ?? field, {
      window: slideView.window(), ratio: window.devicePixelRatio, levels: slideView.nativeDownsamples(), same,
    }, now);
    const moving = this.source.moving(now) || !this.framing.settled;
    const aligned = moving ? undefined : slideView.onPixels(view);
    if (!shown(aligned ?? view, slideView.view())) {
      slideView.show(view, false);
      if (aligned !== undefined) slideView.align(aligned);
    }
    // What is pushed is for where the field is going.
    this.pushed.passes(moving || this.source.newest?.target != null);
    const { reached } = this.source;
    // At another's magnification a small window shows a part of the field: that part is what can be sharp here.
    const part = same === undefined ? undefined : commonPart(field, [view]);
    if (reached !== undefined) this.sharp.play({ ...reached, view: part ?? field });
  }

  /** Whether the same field would be shown the same later. */
  get settled(): boolean {
    return this.source === undefined || this.framing.settled;
  }
}

const shown = (view: View, now: View): boolean =>
  near(view.x, now.x) && near(view.y, now.y) && near(view.width, now.width) && near(view.rotation, now.rotation) && view.flip === now.flip;
