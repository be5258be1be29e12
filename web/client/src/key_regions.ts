// Fields kept with their picture: what goes with an opinion, or with the case. Beside pins, which are marks on the slide.

import { request } from "./activity";
import type { Bench } from "./bench";
import { CaptionForm } from "./caption_form";
import { find, make, say } from "./dom";
import { seenIn, type Seen } from "./link";
import type { Words } from "./words";

/** As `/slides/{id}/regions` tells it. */
interface KeyRegion {
  readonly id: string;
  readonly label: string;
  readonly view: Seen;
  readonly author: string;
  readonly mine: boolean;
  /** Its label is hidden from who reads blind. */
  readonly sealed: boolean;
}

export class KeyRegions {
  private regions: readonly KeyRegion[] = [];
  private readonly panel = find("#regions", HTMLElement);
  private readonly form: CaptionForm<Seen>;

  /** `consult`: the one that the slide is looked at for; empty: none. */
  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
    private readonly consult: string,
  ) {
    this.form = new CaptionForm("region", bench, (view, label) => this.save(view, label));
  }

  private get address(): string {
    return `/slides/${this.bench.slide.id}/regions`;
  }

  async read(): Promise<void> {
    try {
      const answer = await request(`${this.address}?consult=${this.consult}`, {
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.regions = ((await answer.json()) as { regions: KeyRegion[] }).regions;
      this.list();
    } catch {
      say(this.words("viewer-regions-failed"));
    }
  }

  toggle(): void {
    this.bench.toggle("regions", this.panel);
  }

  /** Takes the field as it is now; the caption is typed at leisure. */
  begin(): void {
    this.bench.toggle("regions", this.panel, true);
    this.form.open(seenIn(this.bench.slideView.target(), this.bench.look()));
  }

  private async save(view: Seen, label: string): Promise<boolean> {
    try {
      const answer = await request(this.address, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ view, label, consult: this.consult }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.regions = [...this.regions, (await answer.json()) as KeyRegion];
      this.list();
      say(this.words("viewer-region-saved"));
      return true;
    } catch {
      say(this.words("viewer-region-failed"));
      return false;
    }
  }

  private name(region: KeyRegion, index: number): string {
    if (region.sealed) return this.words("viewer-region-sealed", { number: index + 1 });
    return region.label === "" ? this.words("viewer-region-unnamed", { number: index + 1 }) : region.label;
  }

  private list(): void {
    const rows = this.regions.map((region, index) => {
      const name = this.name(region, index);
      const go = make("button", { class: "pin-go" }, make("span", { class: "pin-name", text: name }));
      go.type = "button";
      go.append(make("span", { class: "pin-by", text: region.author }));
      go.addEventListener("click", () => {
        this.bench.goTo(region.view, region.view.look);
      });
      return make("li", {}, go);
    });
    find("#region-list", HTMLElement).replaceChildren(...rows);
    find("#regions-empty", HTMLElement).hidden = rows.length > 0;
  }
}
