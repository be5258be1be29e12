// Watches how sharp the field that is followed is on this screen: measured where it is drawn, told once it was painted.

import type { ViewportFrame } from "./frames";
import type { View } from "./geometry";
import type { Sharpness } from "./sharpness";
import type { SlideView } from "./slide_view";

export interface Played {
  /** Whose field, and which. */
  readonly stream: number;
  readonly sequence: number;
  /** As it is shown now. */
  readonly view: View;
}

export interface Sharp extends Sharpness {
  readonly stream: number;
  readonly sequence: number;
}

const KEYS = ["stream", "sequence", "usable", "sharp", "reduced"] as const;

export class SharpWatch {
  /** The newest that was told; undefined: nobody is followed. */
  now: Sharp | undefined;
  private playing: Played | undefined;
  private asked = 0;
  private readonly listeners = new Set<(now: Sharp) => void>();

  /** `element` says what is known of it, in data attributes: stream/number of frames, and milliseconds of this page's clock. */
  constructor(
    private readonly slideView: SlideView,
    private readonly element: HTMLElement,
  ) {
    slideView.onDrawn(() => this.look());
  }

  /** After the frame was painted, at each change. */
  onChange(listener: (now: Sharp) => void): void {
    this.listeners.add(listener);
  }

  /** A newer field of whom this window follows came. */
  heard(frame: ViewportFrame, at: number): void {
    this.mark("heard", frame, at);
  }

  /** What is shown of it now; undefined: nobody is followed. */
  play(at: Played | undefined): void {
    this.playing = at;
    if (at === undefined) {
      this.now = undefined;
      delete this.element.dataset["sharpCoding"];
      for (const name of ["heard", "usable", "sharp"]) {
        delete this.element.dataset[name];
        delete this.element.dataset[`${name}At`];
      }
      return;
    }
    // Where nothing moves there is nothing to draw: then what is on the screen is looked at.
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.look();
    });
  }

  /** In the frame that was drawn last. */
  private look(): void {
    const { playing } = this;
    const found = playing && this.slideView.sharpness(playing.view);
    if (playing === undefined || found === undefined) return;
    requestAnimationFrame((painted) => {
      if (this.playing !== undefined) this.tell({ stream: playing.stream, sequence: playing.sequence, ...found }, painted);
    });
  }

  private tell(next: Sharp, at: number): void {
    const { now } = this;
    if (now !== undefined && KEYS.every((key) => next[key] === now[key])) return;
    this.now = next;
    if (next.usable) this.mark("usable", next, at);
    if (next.sharp) {
      this.element.dataset["sharpCoding"] = next.reduced ? "reduced" : "native";
      this.mark("sharp", next, at);
    }
    for (const listener of this.listeners) listener(next);
  }

  /** When a field was first known so. Each stream counts its own: a presenter who comes back begins anew. */
  private mark(name: "heard" | "usable" | "sharp", { stream, sequence }: { stream: number; sequence: number }, at: number): void {
    const { dataset } = this.element;
    const field = `${stream}/${sequence}`;
    if (dataset[name] === field) return;
    dataset[name] = field;
    dataset[`${name}At`] = at.toFixed(1);
  }
}
