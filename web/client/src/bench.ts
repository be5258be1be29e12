// The reading room around the slide: turret, rotation, overview, scale bar, keys, link, help. The same alone and in a
// live room; what differs is told by options.

import { ChannelsPanel } from "./channels_panel";
import { channelsText } from "./channels";
import { ColourControl } from "./colour_control";
import { planesOf, slideOf, type SlideConfig } from "./config";
import { chosenDrawer, Display, wantsOriginal } from "./display";
import { find, hide, say } from "./dom";
import { Focus } from "./focus";
import { contain, downsampleFor, plausibleMpp, type Inset, type Point, type View } from "./geometry";
import { actionOf, ofPanel, OPENED, overSlide, type Action } from "./keyboard";
import { keyCounts, lettersWanted, switchLetters } from "./letter_keys";
import type { ShownChannel } from "./frames";
import { fragment, lookOf, readHash, readLook, styleOf, viewText, wireOf, type Look } from "./link";
import { watchLink } from "./link_speed";
import { Minimap } from "./minimap";
import { Overlay } from "./overlay";
import type { Pushed } from "./pushed";
import { QualityMark } from "./quality_mark";
import { ReadOut } from "./read_out";
import { plainStyle, sameStyle, type Parts } from "./slide";
import { SlideView } from "./slide_view";
import type { Style } from "./tile_pictures";
import { thumbnailOf } from "./thumbnail";
import type { TilesState } from "./tiles";
import type { Words } from "./words";

export interface BenchOptions {
  readonly room: boolean;
  /** Without an account: the way back in is their own page. */
  readonly guest: boolean;
  /** Tiles that come unasked. */
  readonly pushed?: Pushed;
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
  private readonly readOut: ReadOut;
  private readonly focus: Focus;
  private readonly channels: ChannelsPanel;
  private readonly display: Display;
  private readonly mark: QualityMark;
  private readonly colour: ColourControl;
  /** Plane and channels that were asked for last; the screen may still show others. */
  private style: Style;
  private readonly chosenListeners: (() => void)[] = [];
  private redraw = 0;
  /** Levels that the file lacks are still being made. */
  private building = false;
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
    this.style = this.plain();
    const drawer = chosenDrawer();
    this.element.dataset["drawer"] = drawer;
    this.readOut = new ReadOut(this.root, this.rotation, words);
    this.colour = new ColourControl(slide, words, () => this.slideView.tiles.restyle({ ...this.style }));
    this.slideView = new SlideView(this.element, slideOf(slide, this.thumbnail, this.colour.present), {
      still: still(),
      unreadable: words("viewer-unreadable"),
      drawer,
      speed: watchLink(() => this.slideView.tiles.reconsider()),
      original: wantsOriginal,
      pushed: options.pushed,
      inset: inset(options.room),
      onTiles: (state) => this.tilesAre(state),
    });
    this.minimap = new Minimap(find("#minimap-canvas", HTMLCanvasElement), (point) => this.centreOn(point));
    this.mark = new QualityMark(words);
    this.focus = new Focus(this.element, words, (plane) => this.choose({ ...this.style, plane }));
    this.channels = new ChannelsPanel(words, {
      look: (channels) => this.choose({ ...this.style, channels }),
      histogram: (channel) => this.slideView.tiles.histogram(channel),
    });
    this.display = new Display({
      original: () => this.slideView.tiles.reconsider(),
      drawer: () => {
        history.replaceState(null, "", `#${this.fragment()}`);
        location.reload();
      },
    });
    switchLetters(find("#display-letters", HTMLInputElement));
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
    const look = readLook(location.hash);
    this.showParts(styleOf(look, this.slideParts()));
    this.colour.follow(look.colours);
    this.slideView.show(linked === undefined ? this.slideView.whole() : contain(linked, room), false);
    find("#loading", HTMLElement).remove();
    delete find("#stage", HTMLElement).dataset["opening"];
    this.opened = true;
    this.showInStrip();
    this.showOverview();
    document.dispatchEvent(new Event(OPENED));
  }

  async open(slide: SlideConfig): Promise<void> {
    this.slide = slide;
    this.thumbnail = thumbnailOf(slide.id);
    this.colour.open(slide);
    await this.slideView.open(slideOf(slide, this.thumbnail, this.colour.present));
    this.showParts(this.plain());
    this.showInStrip();
    this.showOverview();
  }

  /** The link to what is on the screen, without "#". */
  fragment(): string {
    return fragment(this.slideView.target(), this.look());
  }

  /** How the slide is shown, to keep with a field. */
  look(): Look {
    return lookOf(this.style, this.slideParts(), this.colour.chosen);
  }

  /** Plane and channels, for the room. */
  wire(): { plane: number; channels: ShownChannel[] } {
    return wireOf(this.style, this.slideParts());
  }

  /** Shows the slide so, by nobody's hand. Its colours stay as this reader has them. */
  wear(look: Look): void {
    const style = styleOf(look, this.slideParts());
    if (!sameStyle(style, this.style)) this.showParts(style);
  }

  /** Goes to what somebody kept, and shows it as it was kept, by the person's own wish. */
  goTo(view: View, look: Look = {}): void {
    this.wear(look);
    this.colour.follow(look.colours);
    this.slideView.goTo(contain(view, this.slideView.window()));
    this.chosen();
  }

  /** After another plane or other channels were chosen by hand. */
  onChosen(listener: () => void): void {
    this.chosenListeners.push(listener);
  }

  private choose(style: Style): void {
    this.restyle(style);
    this.chosen();
  }

  private chosen(): void {
    for (const listener of this.chosenListeners) listener();
  }

  private slideParts(): Parts {
    return { channels: this.slide.channels ?? [], planes: planesOf(this.slide) };
  }

  private plain(): Style {
    return plainStyle(this.slideParts());
  }

  /** The controls that only some slides have. */
  private showParts(style: Style): void {
    const { channels, planes } = this.slideParts();
    const fluorescent = channels.length > 0;
    find("#stage", HTMLElement).classList.toggle("fluorescent", fluorescent);
    for (const button of this.root.querySelectorAll<HTMLElement>(".bar-tools [data-action=channels]")) button.hidden = !fluorescent;
    if (!fluorescent) this.toggle("channels", this.channels.panel, false);
    this.channels.open(channels, style.channels);
    this.focus.open(planes, style.plane);
    this.restyle(style);
  }

  private restyle(style: Style): void {
    this.style = style;
    if (!sameStyle(style, this.slideView.tiles.comingStyle)) this.slideView.tiles.restyle(style);
  }

  /** Of many slides the one that is shown is not cut off in the strip. */
  private showInStrip(): void {
    document.querySelector(`.strip-slide[data-slide="${CSS.escape(this.slide.id)}"]`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** The overview's picture may come long after the slide can be moved. */
  private showOverview(): void {
    const { background, channels = [] } = this.slide;
    const empty = channels.length > 0 ? "#000000" : (background ?? "#d8d8d8");
    void this.minimap.open(this.slide, empty, this.thumbnail).then(() => this.refresh());
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
      case "focus":
        this.focus.step(action.by);
        break;
      case "channels":
        if ((this.slide.channels ?? []).length > 0) this.toggle("channels", this.channels.panel);
        this.channels.refresh();
        break;
      case "display":
        this.toggle("display", this.display.panel);
        break;
      case "colours":
        this.colour.toggle();
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
    hide(part, !shown, this.element);
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
      if (!this.opened || event.defaultPrevented || typing(event.target)) return; // opening.ts keeps the key
      if (overSlide(document) || (event.target instanceof Element && ofPanel(event, event.target))) return;
      const action = actionOf(event, this.options.room);
      // The arrows move the slider or the buttons when the person is on them.
      const slider = event.target instanceof HTMLInputElement;
      if (action === undefined || (slider && action.do === "pan")) return;
      if (!keyCounts(event, action, lettersWanted(), event.target === this.element)) return;
      event.preventDefault();
      this.do(action);
    });
    window.addEventListener("hashchange", () => {
      const linked = readHash(location.hash);
      if (linked === undefined || !this.opened) return;
      this.goTo(linked, readLook(location.hash));
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
      case "focus-up":
        this.do({ do: "focus", by: 1 });
        break;
      case "focus-down":
        this.do({ do: "focus", by: -1 });
        break;
      case "original":
        this.display.always(true);
        break;
      case "fit":
      case "upright":
      case "flip":
      case "minimap":
      case "channels":
      case "display":
      case "colours":
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
    address.hash = this.fragment();
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
    else if (state === "building" || state === "built") this.building = state === "building";
    else if (state === "failing") say(this.words("viewer-link-failing"), true);
    else find("#messages", HTMLElement).replaceChildren();
  }

  /** The way in leads back to the field that is on the screen: the address has it too, should the page be loaded again. */
  private signedOut(): void {
    if (!this.options.room) history.replaceState(null, "", `#${this.fragment()}`);
    const here = `${location.pathname}${location.search}${location.hash}`;
    const way = this.options.guest ? "/guest" : `/login?return_to=${encodeURIComponent(here)}`;
    find("#signed-out-login", HTMLAnchorElement).href = way;
    find("#signed-out", HTMLElement).hidden = false;
  }

  private draw(): void {
    const view = this.slideView.view();
    this.overlay.draw(view, this.slideView.window(), window.devicePixelRatio);
    this.minimap.draw(view);
    const { plane, channels } = this.slideView.tiles.shownStyle;
    this.focus.show(plane);
    this.readOut.entered(this.slide);
    this.readOut.show(view, this.slideView.downsample(view), this.slide.mpp, this.slideView.nativeDownsamples(), this.focus.spoken(plane));
    // What is on the screen, for the link, for tests and for whoever wants to know: honest, and read only.
    this.element.dataset["view"] = viewText(view);
    const drawn = this.slideView.tiles.fullyDrawn();
    const before = this.element.dataset["drawn"];
    this.element.dataset["drawn"] = String(drawn);
    this.element.dataset["plane"] = String(plane);
    this.element.dataset["channels"] = channelsText(channels);
    const quality = this.slideView.tiles.quality();
    this.colour.saw(quality);
    if (quality !== "partial") this.element.dataset["colours"] = this.colour.path;
    this.element.dataset["quality"] = quality;
    this.mark.show(quality);
    this.mark.build(this.slide.id, this.building && !drawn);
    find("#drawing", HTMLElement).hidden = drawn;
    if (!drawn) this.refresh();
    else if (before !== "true") this.channels.refresh();
  }
}

function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "color"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
