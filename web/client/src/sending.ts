// What this page sends of itself while it moves: the field, when it presents, and one's own pointer.

import type { Answer } from "./answering";
import type { Bench } from "./bench";
import { toWire } from "./frames";
import { shortest, toSlide } from "./geometry";
import type { Sent } from "./receipts";
import type { Session } from "./session";
import type { SlideView } from "./slide_view";

/** The presenter's field is sampled at most this often: 60 Hz buys nothing over a real network. */
const SAMPLE_MS = 33;
const ANIMATION_MS = 500;
/** Nobody sees less than such a share of the field's width, or of a turn in degrees: about a sixth of a screen px at its corners. */
const LEAST = 1e-4;
const LEAST_TURN = 0.01;

/** The slide on the screen, as far as the others are told of it. */
interface Shown extends Pick<Bench, "wire"> {
  readonly slideView: Pick<SlideView, "view" | "target" | "window" | "pixelAt">;
}

export class Sending {
  private aimed = { width: 0, x: 0, y: 0, rotation: 0, since: 0 };
  private timer = 0;
  private flushed = 0;

  constructor(
    private readonly bench: Shown,
    private readonly session: Session,
    /** Whether another slide is being opened: what is on the screen is of none that the others are told of. */
    private readonly changing: () => boolean,
  ) {}

  /** The last field that was sent, on the connection that there is. */
  get sent(): Sent | undefined {
    return this.session.sent;
  }

  /** The field as it is now, where it is going, and in which plane and channels. */
  sample(): void {
    const view = this.bench.slideView.view();
    const aim = this.bench.slideView.target();
    const { x, y, width, rotation } = aim;
    const { aimed } = this;
    if (x !== aimed.x || y !== aimed.y || width !== aimed.width || rotation !== aimed.rotation) {
      this.aimed = { x, y, width, rotation, since: performance.now() };
    }
    const left = ANIMATION_MS - (performance.now() - this.aimed.since);
    // The mirror is no part of it: it turns at once.
    const moving =
      Math.abs(width / view.width - 1) > LEAST ||
      Math.hypot(x - view.x, y - view.y) > view.width * LEAST ||
      Math.abs(shortest(view.rotation, rotation)) > LEAST_TURN;
    const target = moving && left > 0 ? { view: aim, milliseconds: left } : undefined;
    this.session.setViewport({ view, target, ...this.bench.wire() });
    this.flush();
  }

  /** How another's field is on this screen. */
  answer({ of, field, view, usable, sharp, reduced }: Answer): void {
    const { x, y, width, height } = toWire(view);
    this.session.setReceipt({ of, field, x, y, width, height, usable, sharp, reduced });
    this.flush();
  }

  /** The line that one draws. */
  ink(stroke: Parameters<Session["setStroke"]>[0]): void {
    if (this.changing()) return;
    this.session.setStroke(stroke);
    this.flush();
  }

  /** One's own pointer above `stage`, shown to the others. */
  pointAlong(stage: HTMLElement): void {
    stage.addEventListener("pointermove", (event) => {
      if (this.changing()) return;
      const view = this.bench.slideView;
      this.session.setPointer(toSlide(view.view(), view.window(), view.pixelAt(event.clientX, event.clientY)));
      this.flush();
    });
    stage.addEventListener("pointerleave", () => {
      this.session.setPointer(null);
      this.flush();
    });
  }

  /** The first change goes at once, what follows in steps of SAMPLE_MS, the last one always. */
  private flush(): void {
    if (this.timer !== 0) return;
    const wait = Math.max(0, SAMPLE_MS - (performance.now() - this.flushed));
    const send = (): void => {
      this.timer = 0;
      this.flushed = performance.now();
      if (!this.session.flush()) this.flush(); // the link is slow: what is newest then goes then
    };
    if (wait === 0) send();
    else this.timer = window.setTimeout(send, wait);
  }
}
