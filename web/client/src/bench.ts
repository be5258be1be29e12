// The reading room around the slide: turret, rotation, overview, scale bar, keys, link, help. The same alone and in a
// live room; what differs is told by options.

import type { SlideConfig } from "./config";
import { slideOf } from "./config";
import { find, say } from "./dom";
import {
  barLength, contain, downsampleFor, lengthText, magnification, plausibleMpp, turn, type Inset, type Point, type View,
} from "./geometry";
import { actionOf, OPENED, type Action } from "./keyboard";
import { readHash, rounded, viewText } from "./link";
import { Minimap } from "./minimap";
import { Overlay } from "./overlay";
import { SlideView } from "./slide_view";
import { thumbnailOf, type TilesState } from "./tiles";
import { language, number, type Words } from "./words";

export interface BenchOptions {
  readonly room: boolean;
  /** Without an account: the way back in is their own page. */
  readonly guest: boolean;
  /** Actions of other modules: pins, the room. */
  readonly act: (action: Action["do"]) => void;
}

/** The turret; and in a room, who presents. */
const inset = (room: boolean): Inset => ({ top: room ? 56 : 0, bottom: 68 });

const still = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Bench {
  readonly slideView: SlideView;
  readonly overlay: Overlay;
  readonly minimap: Minimap;
  readonly element = find("#slide", HTMLElement);
  private readonly root = find("#bench", HTMLElement);
  private readonly rotation = find("#rotation", HTMLInputElement);
  private readonly help = find("#help", HTMLDialogElement);
  private spoken = 0;
  private redraw = 0;
  private thumbnail: Promise<ImageBitmap | undefined>;
  /** Nothing can be moved before the slide is open. */
  private opened = false;

  constructor(
    public slide: SlideConfig,
    private readonly words: Words,
    private readonly options: BenchOptions,
  ) {
    this.overlay = new Overlay(find("#overlay", HTMLCanvasElement));
    this.thumbnail = thumbnailOf(slide.id);
    this.slideView = new SlideView(this.element, slideOf(slide, this.thumbnail), {
      still: still(),
      unreadable: words("viewer-unreadable"),
      inset: inset(options.room),
      onTiles: (state) => this.tilesAre(state),
    });
    this.minimap = new Minimap(find("#minimap-canvas", HTMLCanvasElement), (point) => this.centreOn(point));
    this.slideView.onFrame(() => this.draw());
    this.listen();
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-action=objective]")) {
      button.hidden = !plausibleMpp(slide.mpp);
    }
  }

  /** Shows the field of the link, else the whole slide. */
  async start(): Promise<void> {
    await this.slideView.opened();
    const linked = readHash(location.hash);
    const room = this.slideView.window();
    this.slideView.show(linked === undefined ? this.slideView.whole() : contain(linked, room), false);
    find("#loading", HTMLElement).remove();
    delete find("#stage", HTMLElement).dataset["opening"];
    this.opened = true;
    this.showOverview();
    document.dispatchEvent(new Event(OPENED));
  }

  async open(slide: SlideConfig): Promise<void> {
    this.slide = slide;
    this.thumbnail = thumbnailOf(slide.id);
    await this.slideView.open(slideOf(slide, this.thumbnail));
    this.showOverview();
  }

  /** The overview's picture may come long after the slide can be moved. */
  private showOverview(): void {
    void this.minimap.open(this.slide, this.thumbnail).then(() => this.refresh());
    this.refresh();
  }

  /** Draws the overlay again at the next frame though the view has not changed. */
  refresh(): void {
    if (this.redraw !== 0) return;
    this.redraw = requestAnimationFrame(() => {
      this.redraw = 0;
      this.draw();
    });
  }

  do(action: Action): void {
    if (!this.opened && action.do !== "help") return;
    const view = this.slideView;
    switch (action.do) {
      case "pan": {
        const size = view.window();
        const share = action.far ? 0.9 : 0.2;
        view.panBy(action.x * size.width * share, action.y * size.height * share);
        break;
      }
      case "zoom":
        view.zoomBy(action.by);
        break;
      case "objective":
        if (plausibleMpp(this.slide.mpp)) view.zoomTo(downsampleFor(action.value, this.slide.mpp));
        break;
      case "rotate":
        view.rotateTo(view.target().rotation + action.by);
        break;
      case "upright":
        view.rotateTo(0);
        break;
      case "flip":
        view.setFlip(!view.target().flip);
        break;
      case "fit":
        view.fit();
        break;
      case "minimap":
        this.toggle("minimap", find("#minimap", HTMLElement));
        break;
      case "link":
        void this.link();
        break;
      case "full-screen":
        void (document.fullscreenElement === null ? this.root.requestFullscreen() : document.exitFullscreen());
        break;
      case "help":
        if (this.help.open) this.help.close();
        else this.help.showModal();
        break;
      default:
        this.options.act(action.do);
    }
  }

  /** Shows or hides a part, and says so on its buttons. */
  toggle(action: string, part: HTMLElement, shown = part.hidden): void {
    part.hidden = !shown;
    for (const button of this.root.querySelectorAll(`[data-action="${action}"][aria-pressed]`)) {
      button.setAttribute("aria-pressed", String(shown));
    }
  }

  private centreOn(point: Point): void {
    this.slideView.goTo({ ...this.slideView.target(), x: point.x, y: point.y });
  }

  private listen(): void {
    this.root.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-action]") : null;
      if (button !== null) this.press(button.dataset["action"] ?? "", button.dataset["value"]);
    });
    this.rotation.addEventListener("input", () => {
      if (this.opened) this.slideView.rotateTo(Number(this.rotation.value));
    });
    document.addEventListener("keydown", (event) => {
      if (!this.opened || event.defaultPrevented || this.help.open || typing(event.target)) return; // opening.ts keeps the key
      const action = actionOf(event, this.options.room);
      // The arrows move the slider or the buttons when the person is on them.
      const slider = event.target instanceof HTMLInputElement;
      if (action === undefined || (slider && action.do === "pan")) return;
      event.preventDefault();
      this.do(action);
    });
    window.addEventListener("hashchange", () => {
      const linked = readHash(location.hash);
      if (linked !== undefined && this.opened) this.slideView.goTo(contain(linked, this.slideView.window()));
    });
  }

  private press(action: string, value: string | undefined): void {
    switch (action) {
      case "zoom-in":
        this.do({ do: "zoom", by: 1.5 });
        break;
      case "zoom-out":
        this.do({ do: "zoom", by: 1 / 1.5 });
        break;
      case "objective":
        this.do({ do: "objective", value: Number(value) });
        break;
      case "rotate-left":
        this.do({ do: "rotate", by: -15 });
        break;
      case "rotate-right":
        this.do({ do: "rotate", by: 15 });
        break;
      case "fit":
      case "upright":
      case "flip":
      case "minimap":
      case "pin":
      case "pins":
      case "discuss":
      case "keep":
      case "regions":
      case "link":
      case "full-screen":
      case "help":
      case "rejoin":
      case "chat":
        this.do({ do: action });
        break;
    }
  }

  private async link(): Promise<void> {
    const address = new URL(`/slides/${this.slide.id}`, location.href);
    address.hash = `view=${viewText(this.slideView.target())}`;
    try {
      await navigator.clipboard.writeText(address.href);
      say(this.words("viewer-link-copied"));
    } catch {
      // No clipboard without https or the person's leave: the address bar is there for everybody.
      history.replaceState(null, "", address.hash);
      say(this.words("viewer-link-by-hand"));
    }
  }

  private tilesAre(state: TilesState): void {
    if (state === "ended") find("#ended", HTMLElement).hidden = false;
    else if (state === "signed-out") this.signedOut();
    else if (state === "failing") say(this.words("viewer-link-failing"), true);
    else find("#messages", HTMLElement).replaceChildren();
  }

  /** The way in leads back to the field that is on the screen: the address has it too, should the page be loaded again. */
  private signedOut(): void {
    if (!this.options.room) history.replaceState(null, "", `#view=${viewText(this.slideView.target())}`);
    const here = `${location.pathname}${location.search}${location.hash}`;
    const way = this.options.guest ? "/guest" : `/login?return_to=${encodeURIComponent(here)}`;
    find("#signed-out-login", HTMLAnchorElement).href = way;
    find("#signed-out", HTMLElement).hidden = false;
  }

  private draw(): void {
    const view = this.slideView.view();
    this.overlay.draw(view, this.slideView.window(), window.devicePixelRatio);
    this.minimap.draw(view);
    this.readOut(view);
    // What is on the screen, for the link, for tests and for whoever wants to know: honest, and read only.
    this.element.dataset["view"] = viewText(view);
    const drawn = this.slideView.fullyDrawn();
    this.element.dataset["drawn"] = String(drawn);
    find("#drawing", HTMLElement).hidden = drawn;
    if (!drawn) this.refresh();
  }

  private readOut(view: View): void {
    const { mpp } = this.slide;
    const downsample = this.slideView.downsample(view);
    const degrees = Math.round(turn(view.rotation)) % 360;
    const signed = degrees > 180 ? degrees - 360 : degrees;
    find("#degrees", HTMLElement).textContent = this.words("viewer-rotation-value", { value: signed });
    if (document.activeElement !== this.rotation) this.rotation.value = String(signed);
    find("[data-action=flip]", HTMLElement).setAttribute("aria-pressed", String(view.flip));

    const bar = find("#scale-bar", HTMLElement);
    const digital = downsample < 0.98;
    find("#digital", HTMLElement).hidden = !digital;
    bar.hidden = !plausibleMpp(mpp);
    const output = find("#magnification", HTMLElement);
    if (!plausibleMpp(mpp)) {
      const { x, y } = rounded(view);
      output.textContent = "";
      this.speak(this.words("viewer-spoken-pixels", { x: Math.round(x), y: Math.round(y) }));
      return;
    }
    const perPixel = downsample * window.devicePixelRatio * mpp;
    const length = barLength(perPixel, 140);
    bar.style.width = `${length / perPixel}px`;
    const text = lengthText(length, language());
    find("#scale-length", HTMLElement).textContent = text;
    bar.setAttribute("aria-label", this.words("viewer-scale-bar", { length: text }));

    const power = magnification(mpp, downsample);
    const powerText = number(power, power < 10 ? 1 : 0);
    output.textContent = this.words("viewer-magnification", { value: powerText });
    const millimetres = (px: number): string => this.words("viewer-millimetres", { value: number((px * mpp) / 1000, 2) });
    const place = { x: millimetres(view.x), y: millimetres(view.y) };
    find("#position", HTMLElement).textContent = this.words("viewer-position", place);
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-action=objective]")) {
      const wanted = downsampleFor(Number(button.dataset["value"]), mpp);
      button.setAttribute("aria-pressed", String(Math.abs(downsample / wanted - 1) < 0.02));
    }
    this.speak(
      degrees === 0
        ? this.words("viewer-spoken", { magnification: powerText, ...place })
        : this.words("viewer-spoken-rotation", { magnification: powerText, rotation: signed, ...place }),
    );
  }

  /** Says where we are once the move has ended, not at each frame. */
  private speak(text: string): void {
    window.clearTimeout(this.spoken);
    this.spoken = window.setTimeout(() => {
      const line = find("#spoken", HTMLElement);
      if (line.textContent !== text) line.textContent = text;
    }, 700);
  }
}

function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
