// Fields kept with their picture: what goes with an opinion, or with the case. Beside pins, which are marks on the slide.

import { request } from "./activity";
import type { Bench } from "./bench";
import { find, make, say } from "./dom";
import { contain, type View } from "./geometry";
import type { Words } from "./words";

/** As `/slides/{id}/regions` tells it. */
interface KeyRegion {
  readonly id: string;
  readonly label: string;
  readonly view: View;
  readonly author: string;
  readonly mine: boolean;
}

export class KeyRegions {
  private regions: readonly KeyRegion[] = [];
  private waiting: View | undefined;
  private sending = false;
  private readonly panel = find("#regions", HTMLElement);
  private readonly form = find("#region-form", HTMLFormElement);
  private readonly label = find("#region-label", HTMLInputElement);

  /** `consult`: the one that the slide is looked at for; empty: none. */
  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
    private readonly consult: string,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    find("[data-action=region-cancel]", HTMLButtonElement, this.form).addEventListener("click", () => this.cancel());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.cancel();
    });
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
    this.waiting = this.bench.slideView.target();
    this.bench.toggle("regions", this.panel, true);
    this.form.hidden = false;
    this.label.value = "";
    this.label.focus();
  }

  private cancel(): void {
    this.waiting = undefined;
    this.form.hidden = true;
    this.bench.element.focus();
  }

  private async save(): Promise<void> {
    if (this.waiting === undefined || this.sending) return;
    this.sending = true;
    try {
      const { x, y, width, height, rotation, flip } = this.waiting;
      const answer = await request(this.address, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({
          view: { x, y, width, height, rotation, flip },
          label: this.label.value.trim(),
          consult: this.consult,
        }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.regions = [...this.regions, (await answer.json()) as KeyRegion];
      this.list();
      this.cancel();
      say(this.words("viewer-region-saved"));
    } catch {
      // The form stays with its text.
      say(this.words("viewer-region-failed"));
    } finally {
      this.sending = false;
    }
  }

  private list(): void {
    const rows = this.regions.map((region, index) => {
      const name = region.label === "" ? this.words("viewer-region-unnamed", { number: index + 1 }) : region.label;
      const go = make("button", { class: "pin-go" }, make("span", { class: "pin-name", text: name }));
      go.type = "button";
      go.append(make("span", { class: "pin-by", text: region.author }));
      go.addEventListener("click", () => {
        this.bench.slideView.goTo(contain(region.view, this.bench.slideView.window()));
      });
      return make("li", {}, go);
    });
    find("#region-list", HTMLElement).replaceChildren(...rows);
    find("#regions-empty", HTMLElement).hidden = rows.length > 0;
  }
}
