// The switch of the scanner's colours: on the toolbar, among the display settings and by its key; what is shown now, in words;
// and the server is told, for the opinion says in which colours its slides were seen.

import { request } from "./activity";
import { Colours, NO_PROFILE, wantColours, type ColourPath } from "./colours";
import type { SlideConfig } from "./config";
import { find, say } from "./dom";
import type { Look } from "./link";
import type { Quality } from "./quality";
import type { Words } from "./words";

/** What is drawn for a moment is not told. */
const SETTLED_MS = 400;
const AGAIN_MS = 5000;
const TRIES = 6;

export class ColourControl {
  private readonly button = find(".bar-tools [data-action=colours]", HTMLElement);
  private readonly box = find("#display-colours", HTMLInputElement);
  private readonly about = find("#display-profile", HTMLElement);
  private readonly line = find("#colour-path", HTMLElement);
  private slide: string;
  private colours = new Colours(NO_PROFILE, () => undefined);
  private inColour = true;
  private quality: Quality = "partial";
  private told = new Set<string>();
  private timer = 0;

  constructor(
    slide: SlideConfig,
    private readonly words: Words,
    /** Tiles are to be drawn anew. */
    private readonly redraw: () => void,
  ) {
    this.slide = slide.id;
    this.box.addEventListener("change", () => this.want(this.box.checked));
    // The person's other windows follow at once: one choice for one pair of eyes.
    window.addEventListener("storage", (event) => {
      if (event.key === "telepath-colours-off") this.settled();
    });
    this.open(slide);
  }

  /** Another slide is shown. */
  open(slide: SlideConfig): void {
    this.colours.close();
    this.slide = slide.id;
    this.inColour = (slide.channels ?? []).length === 0;
    this.told = new Set();
    this.quality = "partial";
    this.colours = new Colours(this.inColour ? (slide.profile ?? NO_PROFILE) : NO_PROFILE, () => this.changed());
    this.show();
  }

  readonly present = (picture: Blob, signal: AbortSignal): Promise<ImageBitmap> => this.colours.present(picture, signal);

  toggle(): void {
    if (this.colours.profile.lut === "") say(this.sentence(this.path));
    else this.want(!this.colours.wanted);
  }

  /** For what is kept of a field; undefined: there is nothing to choose. */
  get chosen(): Look["colours"] {
    return this.colours.profile.lut === "" ? undefined : this.path === "icc" ? "icc" : "off";
  }

  /** As it was kept with a field; what the reader wishes stays as it is, and comes back with another slide. */
  follow(chosen: Look["colours"]): void {
    if (chosen === undefined || this.chosen === undefined || (chosen === "icc") === this.colours.wanted) return;
    this.colours.said = chosen === "icc";
    this.changed();
    say(this.sentence(this.path));
  }

  get path(): ColourPath {
    return this.inColour ? this.colours.path : "channels";
  }

  /** What the screen shows now of tiles. */
  saw(quality: Quality): void {
    if (quality === this.quality) return;
    this.quality = quality;
    this.tell();
  }

  private want(wanted: boolean): void {
    wantColours(wanted);
    this.settled();
    say(this.sentence(this.path));
  }

  private settled(): void {
    this.colours.said = undefined;
    this.changed();
  }

  private changed(): void {
    this.show();
    this.redraw();
    this.tell();
  }

  private show(): void {
    const { path } = this;
    const { profile } = this.colours;
    const applicable = profile.lut !== "";
    this.button.hidden = !applicable;
    this.button.setAttribute("aria-pressed", String(path === "icc"));
    this.box.disabled = !applicable;
    this.box.checked = path === "icc";
    this.about.textContent = applicable ? this.words("viewer-profile-name", { name: profile.name }) : this.sentence(path);
    this.line.hidden = !this.inColour;
    this.line.textContent = this.sentence(path);
    this.line.classList.toggle("warns", path === "off" || path === "failed" || profile.state === "damaged");
  }

  private sentence(path: ColourPath): string {
    return this.words(path === "none" ? `viewer-colours-none-${this.colours.profile.state || "absent"}` : `viewer-colours-${path}`);
  }

  /** Each way in which the slide was shown is told once. */
  private tell(tries = 0): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.quality === "partial") return;
      const { slide, quality, path } = this;
      const said = `${path} ${quality}`;
      if (this.told.has(said)) return;
      this.told.add(said);
      const { told } = this;
      const body = JSON.stringify({ colour: path, quality });
      const headers = { "content-type": "application/json" };
      request(`/slides/${slide}/view`, { method: "POST", headers, body }).then(
        (answer) => {
          if (answer.status >= 500) throw new Error("not now");
        },
      ).catch(() => {
        told.delete(said);
        if (tries < TRIES && told === this.told) this.tell(tries + 1);
      });
    }, tries === 0 ? SETTLED_MS : AGAIN_MS);
  }
}
