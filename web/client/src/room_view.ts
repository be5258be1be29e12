// The slide as the room sees it: the field of whoever presents, followed or left, everybody's pointers, one slide after another.

import { request } from "./activity";
import type { Bench } from "./bench";
import type { SlideConfig } from "./config";
import { viewOf, type PointerFrame, type ViewportFrame } from "./frames";
import { contain, toScreen, type Size, type View } from "./geometry";
import { lookOfWire, readHash, viewText, type Look } from "./link";
import { colourOf } from "./messages";
import { drawFrame, drawPlate, drawPointer } from "./overlay";
import type { Participants } from "./participants";
import { Pointers } from "./pointers";
import { Presented } from "./presented";
import type { Sending } from "./sending";

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, milliseconds));

export class RoomView {
  private readonly presented = new Presented();
  private readonly pointers: Pointers;
  private readonly still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  /** Whether the page was opened on a field. */
  private readonly linked = readHash(location.hash) !== undefined;
  private slideId: string;
  /** Of the presenter, as this page shows it. */
  private worn: Look | undefined;
  private greeted = false;
  private restore = false;
  private opening: Promise<void> | undefined;
  private playing = 0;

  constructor(
    private readonly room: string,
    private readonly bench: Bench,
    private readonly participants: Participants,
    private readonly sending: Sending,
    private readonly on: {
      /** This person follows, or has left the presenter's view. */
      following(following: boolean): void;
      /** Another slide is open. */
      opened(): void;
      /** And its field is shown. */
      shown(): Promise<void>;
    },
  ) {
    this.slideId = bench.slide.id;
    this.pointers = new Pointers(this.still);
    bench.overlay.add((context, view, window) => this.drawPresenter(context, view, window));
    bench.overlay.add((context, view, window) => this.drawPointers(context, view, window));
  }

  /** Call it once the slide is open. */
  start(): void {
    this.bench.slideView.onHand(() => this.leave());
    this.bench.slideView.onFrame(() => this.moved());
    this.bench.onChosen(() => {
      this.leave();
      if (this.participants.presents) this.sample();
    });
  }

  /** The id of the slide on the screen. */
  get slide(): string {
    return this.slideId;
  }

  // What comes in ------------------------------------------------------------------------------------------------------

  /** The room has welcomed this page. `frames`: with the newest field of whoever presents. */
  welcomed(frames: boolean): void {
    // A presenter who loads the page again goes on where everybody is; otherwise their own window is the truth.
    this.restore = this.participants.presents && !this.greeted && frames && !this.linked;
    this.greeted = true;
    if (this.participants.presents && !this.restore) this.sample();
  }

  /** Another presenter, or another epoch. */
  begin(): void {
    const early = this.presented.begin();
    if (early !== undefined) this.viewport(early);
  }

  /** Who is here is another. */
  present(): void {
    this.pointers.present(this.participants.members, this.participants.me);
  }

  viewport(frame: ViewportFrame): void {
    if (!this.presented.receive(frame, this.participants.epoch)) return;
    if (this.participants.presents) {
      // Another tab of ours presents too: following it would make the two push each other.
      if (!this.restore) return;
      this.restore = false;
      this.bench.wear(lookOfWire(frame));
      this.bench.slideView.show(contain(viewOf(frame, frame.flip), this.bench.slideView.window()), false);
      return;
    }
    this.presented.follow(frame, performance.now());
    this.play();
  }

  pointed(frame: PointerFrame): void {
    this.pointers.hear(frame);
    this.play();
  }

  // Presenting ---------------------------------------------------------------------------------------------------------

  /** Tells the room the field on the screen. For whoever presents. */
  sample(): void {
    if (this.opening === undefined) this.sending.sample();
  }

  private moved(): void {
    const { shown } = this.presented;
    if (this.participants.presents) this.sample();
    else if (this.participants.following && shown !== undefined && this.opening === undefined) this.showField(shown); // the window was resized
  }

  // Following ----------------------------------------------------------------------------------------------------------

  rejoin(): void {
    if (this.participants.presents || this.participants.following) return;
    this.follow(true);
    this.worn = undefined;
    const field = this.presented.at(performance.now());
    if (field !== undefined && !this.still) this.bench.slideView.show(contain(field, this.bench.slideView.window()), false);
    this.play();
  }

  /** Any move of one's own hand leaves the presenter's view, at once. */
  private leave(): void {
    if (this.participants.presents || !this.participants.following || !this.presented.heard) return;
    this.follow(false);
  }

  private follow(following: boolean): void {
    if (following) this.participants.follow(this.participants.whom);
    else this.participants.leave();
    this.on.following(following);
  }

  /** One animation frame after the other while something moves. */
  private play(): void {
    if (this.playing !== 0) return;
    this.playing = requestAnimationFrame(() => {
      this.playing = 0;
      const now = performance.now();
      if (!this.participants.presents && this.opening === undefined) {
        const field = this.presented.at(now);
        this.presented.shown = field;
        if (this.participants.following && field !== undefined) this.showField(field);
        if (this.participants.following) this.wear();
      }
      this.bench.refresh();
      const pixel = this.bench.slideView.view().width / this.bench.slideView.window().width;
      if (this.presented.moving(now) || this.pointers.gliding(pixel)) this.play();
    });
  }

  /** The presenter's plane and channels. */
  private wear(): void {
    const { look } = this.presented;
    if (look === undefined || look === this.worn) return;
    this.worn = look;
    this.bench.wear(look);
  }

  private showField(field: View): void {
    const view = contain(field, this.bench.slideView.window());
    const now = this.bench.slideView.view();
    const close = (a: number, b: number): boolean => Math.abs(a - b) < 1e-3;
    if (close(view.x, now.x) && close(view.y, now.y) && close(view.width, now.width) &&
      close(view.rotation, now.rotation) && view.flip === now.flip) return;
    this.bench.slideView.show(view, false);
  }

  // Another slide ------------------------------------------------------------------------------------------------------

  /** Opens the slide that the room shows now. */
  async changeSlide(): Promise<void> {
    if (this.opening !== undefined) return this.opening;
    this.opening = this.openShown().finally(() => {
      this.opening = undefined;
    });
    await this.opening;
    this.worn = undefined;
    this.bench.slideView.show(this.bench.slideView.whole(), false);
    if (this.participants.presents) this.sample();
    else this.play();
    await this.on.shown();
  }

  private async openShown(): Promise<void> {
    for (;;) {
      const answer = await request(`/rooms/${this.room}/slide`, { credentials: "same-origin" }).catch(() => undefined);
      if (answer?.ok !== true) {
        if (answer?.status === 404) return; // the socket says why
        await pause(1000);
        continue;
      }
      const { slide, epoch } = (await answer.json()) as { slide: SlideConfig; epoch: number };
      await this.bench.open(slide);
      this.slideId = slide.id;
      this.pointers.clear();
      this.on.opened();
      if (epoch >= this.participants.epoch) return;
      await pause(200);
    }
  }

  // What is drawn ------------------------------------------------------------------------------------------------------

  /** What this page shows and follows, for tests and for whoever wants to know; read only. */
  honest(): void {
    const data = this.bench.element.dataset;
    data["role"] = this.participants.role;
    data["epoch"] = String(this.participants.epoch);
    const field = this.participants.presents ? this.bench.slideView.view() : this.presented.shown;
    if (field === undefined) delete data["field"];
    else data["field"] = viewText(field);
  }

  private drawPresenter(context: CanvasRenderingContext2D, view: View, window: Size): void {
    this.honest();
    const { shown } = this.presented;
    if (this.participants.presents || shown === undefined) {
      this.bench.minimap.show([]);
      return;
    }
    const { presenting, presenter } = this.participants;
    const colour = presenting === undefined ? "#bdbdbd" : colourOf(presenting.colour);
    this.bench.minimap.show([{ view: shown, colour }]);
    const corner = drawFrame(context, view, window, shown, colour, presenting === undefined);
    if (this.participants.following) return;
    const centre = toScreen(view, window, shown);
    const away = centre.x < 0 || centre.y < 0 || centre.x > window.width || centre.y > window.height;
    // Off the screen the plate stays at the edge that it lies beyond.
    drawPlate(context, away ? { x: centre.x, y: centre.y } : { x: corner.x, y: corner.y - 3 }, this.participants.nameOf(presenter), colour, window);
  }

  private drawPointers(context: CanvasRenderingContext2D, view: View, window: Size): void {
    const shown = this.pointers.next(view, window);
    for (const pointer of shown) drawPointer(context, toScreen(view, window, pointer), pointer.name, pointer.colour, window);
    this.bench.element.dataset["pointers"] = JSON.stringify(shown);
  }
}
