// Drawing in a room: the pen, the ink of everybody over the slide, undoing and erasing. What there is of ink is in ink.ts.

import { request } from "./activity";
import type { Bench } from "./bench";
import { find, hide, say } from "./dom";
import { toScreen, toSlide, type Point, type Size, type View } from "./geometry";
import { fitted, Ink, pairsOf, POINTS, strokeOf, type Drawing, type DrawingRead, type Line } from "./ink";
import type { StrokeFrame } from "./frames";
import { colourOf, type Act, type Fact, type Member } from "./messages";
import type { Sending } from "./sending";
import type { Words } from "./words";

/** A line that is being drawn is sent at most this often. */
const TELL_MS = 100;
/** Points of a line as the hand draws it; a longer one is several. */
const MOST = 2000;
/** Screen px. */
const WIDTH = 2.5;
const APART = 0.5;

/** The line under the hand. `pixel`: level-0 px that a screen px covers. */
interface Pen {
  readonly pointer: number;
  readonly slide: string;
  readonly plane: number;
  points: Point[];
  last: Point;
  pixel: number;
}

interface Drawn {
  readonly drawings: readonly DrawingRead[];
  readonly next: number;
}

export class InkTool {
  private readonly ink: Ink;
  private readonly bar = find("#ink-bar", HTMLElement);
  private readonly all = find("#ink-all", HTMLElement);
  private readonly paths = new WeakMap<Line, Path2D>();
  private pen: Pen | undefined;
  private timer = 0;
  private asking = 0;
  private told = 0;

  constructor(
    private readonly room: string,
    me: string,
    private readonly bench: Bench,
    private readonly sending: Sending,
    private readonly words: Words,
    /** False: it cannot be done now. */
    private readonly act: (act: Act, operation: string) => boolean,
  ) {
    this.ink = new Ink(me);
    this.ink.open(bench.slide.id);
    bench.overlay.add((context, view, window) => this.draw(context, view, window));
  }

  listen(): void {
    const { element } = this.bench;
    // Before the slide's own handlers: a pen that draws does not drag the slide.
    element.addEventListener("pointerdown", (event) => this.begin(event), { capture: true });
    element.addEventListener("pointermove", (event) => this.move(event));
    element.addEventListener("pointerup", (event) => this.end(event));
    element.addEventListener("pointercancel", (event) => this.end(event));
    find("#ink-own", HTMLElement).addEventListener("click", () => this.eraseAll(this.ink.facts(this.ink.own)));
    this.all.addEventListener("click", () => this.eraseAll(this.ink.facts()));
    for (const button of document.querySelectorAll("[data-action^=ink]")) {
      button.addEventListener("click", () => (button.getAttribute("data-action") === "ink" ? this.toggle() : this.undo()));
    }
  }

  // What comes in ------------------------------------------------------------------------------------------------------

  /** Another slide is open, or what stands on this one is to be read anew. */
  async open(): Promise<void> {
    const slide = this.bench.slide.id;
    if (this.pen?.slide !== slide) this.finish();
    this.ink.open(slide);
    await this.read(slide);
  }

  /** The room's facts are others than those that were heard. `waits`: whether an operation is still to be answered. */
  async reset(waits: (operation: string) => boolean): Promise<void> {
    this.ink.reset(waits);
    await this.open();
  }

  private async read(slide: string): Promise<void> {
    try {
      for (let next = -1; next !== 0 && slide === this.bench.slide.id; ) {
        const path = `/rooms/${this.room}/drawings?slide=${slide}${next > 0 ? `&after=${next}` : ""}`;
        const answer = await request(path, { credentials: "same-origin", headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const read = (await answer.json()) as Drawn;
        this.ink.read(slide, read.drawings);
        next = read.next;
        this.bench.refresh();
      }
    } catch {
      say(this.words("rooms-ink-failed"));
    }
  }

  present(members: readonly Member[]): void {
    this.ink.present(members);
  }

  /** Who presents erases what anybody drew. */
  presents(presents: boolean): void {
    hide(this.all, !presents, this.bench.element);
  }

  heard(fact: Fact): void {
    const unwanted = this.ink.heard(fact);
    if (unwanted !== undefined) this.erase(unwanted);
    if (fact.kind === "drawn" && !this.ink.knows(fact.actor) && this.asking === 0) {
      this.asking = window.setTimeout(() => {
        this.asking = 0;
        void this.read(this.bench.slide.id);
      });
    }
    if (fact.kind === "drawn" || fact.kind === "erased") this.bench.refresh();
  }

  stroke(frame: StrokeFrame): void {
    this.ink.draft(frame, performance.now());
    this.bench.refresh();
  }

  refused(operation: string): void {
    this.ink.refused(operation);
    this.bench.refresh();
  }

  // What the hand does ---------------------------------------------------------------------------------------------------

  toggle(on = this.bar.hidden !== false): void {
    if (document.querySelector("[data-action=ink]") === null) return; // may not point, so may not draw
    if (!on) this.finish();
    this.bench.toggle("ink", this.bar, on);
    this.bench.element.classList.toggle("inking", on);
  }

  /** Whether there was a pen to put away. */
  escape(): boolean {
    const on = !this.bar.hidden;
    if (on) this.toggle(false);
    return on;
  }

  undo(): void {
    const last = this.ink.undo();
    if (last !== undefined) this.erase(last);
    this.bench.refresh();
  }

  private eraseAll(facts: readonly number[]): void {
    for (const seq of facts) if (!this.erase(seq)) break;
    this.bench.refresh();
  }

  private erase(seq: number): boolean {
    const operation = crypto.randomUUID();
    this.ink.erase(operation, seq);
    const kept = this.act({ kind: "erase", drawn: seq }, operation);
    if (!kept) this.ink.refused(operation);
    return kept;
  }

  private begin(event: PointerEvent): void {
    if (this.bar.hidden || event.button !== 0 || !event.isPrimary || !(event.target instanceof Node)) return;
    const { element } = this.bench;
    event.stopPropagation();
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    this.finish();
    const pixel = this.bench.slideView.pixelAt(event.clientX, event.clientY);
    this.pen = {
      pointer: event.pointerId,
      slide: this.bench.slide.id,
      plane: this.bench.wire().plane,
      points: [this.place(pixel)],
      last: pixel,
      pixel: this.pixel,
    };
    this.tell();
  }

  private move(event: PointerEvent): void {
    const { pen } = this;
    if (pen === undefined || event.pointerId !== pen.pointer) return;
    if (pen.slide !== this.bench.slide.id) return this.finish(); // another slide is being opened: its places are not this line's
    const all = event.getCoalescedEvents();
    for (const one of all.length === 0 ? [event] : all) {
      const pixel = this.bench.slideView.pixelAt(one.clientX, one.clientY);
      if (Math.hypot(pixel.x - pen.last.x, pixel.y - pen.last.y) < APART) continue;
      pen.points.push(this.place(pixel));
      pen.last = pixel;
    }
    pen.pixel = this.pixel;
    if (pen.points.length >= MOST) {
      const from = pen.points[pen.points.length - 1]!;
      this.commit(pen);
      pen.points = [from];
    }
    this.tell();
  }

  private end(event: PointerEvent): void {
    if (event.pointerId === this.pen?.pointer) this.finish();
  }

  /** The line becomes a fact. */
  private finish(): void {
    const { pen } = this;
    if (pen === undefined) return;
    this.pen = undefined;
    window.clearTimeout(this.timer);
    this.timer = 0;
    if (pen.slide === this.bench.slide.id) this.sending.ink(strokeOf(pen.points, pen.pixel, pen.plane, true));
    this.commit(pen);
  }

  private commit({ slide, plane, points, pixel }: Pen): void {
    const line = fitted(points, pixel, POINTS);
    const drawn = line.length === 1 ? [line[0]!, line[0]!] : line;
    const operation = crypto.randomUUID();
    this.ink.committed(operation, slide, plane, drawn);
    if (!this.act({ kind: "draw", slide, plane, points: pairsOf(drawn) }, operation)) this.ink.refused(operation);
    this.bench.refresh();
  }

  /** Shows the others the line as far as it has come: the first point at once, then in steps of TELL_MS. */
  private tell(): void {
    this.bench.refresh();
    if (this.timer !== 0) return;
    const wait = Math.max(0, this.told + TELL_MS - performance.now());
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.told = performance.now();
      if (this.pen?.slide === this.bench.slide.id) this.sending.ink(strokeOf(this.pen.points, this.pen.pixel, this.pen.plane, false));
    }, wait);
  }

  private place(pixel: Point): Point {
    const view = this.bench.slideView;
    return toSlide(view.view(), view.window(), pixel);
  }

  /** Level-0 px that a screen px covers. */
  private get pixel(): number {
    const view = this.bench.slideView;
    return view.view().width / view.window().width;
  }

  // What is drawn --------------------------------------------------------------------------------------------------------

  private draw(context: CanvasRenderingContext2D, view: View, window: Size): void {
    const shown = this.ink.shown(performance.now());
    this.bench.element.dataset["ink"] = String(shown.length);
    const { plane } = this.bench.wire();
    const origin = toScreen(view, window, { x: 0, y: 0 });
    const across = toScreen(view, window, { x: 1, y: 0 });
    const down = toScreen(view, window, { x: 0, y: 1 });
    const pixel = view.width / window.width;
    context.save();
    context.transform(across.x - origin.x, across.y - origin.y, down.x - origin.x, down.y - origin.y, origin.x, origin.y);
    context.lineCap = context.lineJoin = "round";
    const own = this.pen === undefined ? [] : [{ line: this.pen.points as Line, plane: this.pen.plane, colour: this.ink.ownColour }];
    for (const { line, plane: on, colour } of [...shown, ...own] as Pick<Drawing, "line" | "plane" | "colour">[]) {
      const path = this.pathOf(line);
      context.globalAlpha = on === plane ? 1 : 0.4; // drawn in another focal plane
      // As a pointer: a dark line, a white one on it, the colour on that; seen on pale and on dark tissue.
      for (const [style, width] of [["rgb(0 0 0 / 75%)", WIDTH + 3.5], ["#ffffff", WIDTH + 1.75], [colourOf(colour), WIDTH]] as const) {
        context.strokeStyle = style;
        context.lineWidth = width * pixel;
        context.stroke(path);
      }
    }
    context.restore();
  }

  private pathOf(line: Line): Path2D {
    const known = line === this.pen?.points ? undefined : this.paths.get(line);
    if (known !== undefined) return known;
    const path = new Path2D();
    for (const [index, { x, y }] of line.entries()) {
      if (index === 0) path.moveTo(x, y);
      path.lineTo(x, y);
    }
    if (line !== this.pen?.points) this.paths.set(line, path);
    return path;
  }
}
