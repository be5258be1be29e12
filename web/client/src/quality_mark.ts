// Says on the slide when what is shown is reduced, and when a level is still being made: in words, heard too.

import { request } from "./activity";
import { find, make } from "./dom";
import type { Quality } from "./quality";
import type { Words } from "./words";

const ASK_MS = 4000;

export class QualityMark {
  private readonly mark = find("#quality", HTMLElement);
  private readonly text = find("#quality-text", HTMLElement);
  private readonly building = find("#building", HTMLElement);
  /** How far it is: seen, and not said anew at each step. */
  private readonly share = make("span", { class: "share" });
  private asking = 0;
  private was: Quality = "partial";

  constructor(private readonly words: Words) {
    this.share.setAttribute("aria-hidden", "true");
  }

  /** Gone only when all that the window shows is as the file holds it: "partial" after "reduced" says nothing new. */
  show(quality: Quality): void {
    if (quality === this.was || (quality === "partial" && this.was === "reduced")) return;
    const ends = this.was === "reduced";
    this.was = quality;
    this.mark.dataset["quality"] = quality;
    this.text.textContent =
      quality === "reduced" ? this.words("viewer-quality-reduced") : ends ? this.words("viewer-quality-original") : "";
  }

  /** While a level of that slide is being made that the window needs. */
  build(slide: string, missing: boolean): void {
    if (missing === (this.asking !== 0)) return;
    window.clearInterval(this.asking);
    this.asking = missing ? window.setInterval(() => void this.ask(slide), ASK_MS) : 0;
    this.building.replaceChildren(...(missing ? [make("span", { text: this.words("viewer-building") }), this.share] : []));
    this.share.textContent = "";
    if (missing) void this.ask(slide);
  }

  private async ask(slide: string): Promise<void> {
    const answer = await request(`/slides/${slide}/building`, { credentials: "same-origin" }).catch(() => undefined);
    if (answer?.ok !== true) return;
    const { done, total } = (await answer.json()) as { done: number; total: number };
    this.share.textContent = total > 0 ? this.words("viewer-building-share", { percent: Math.floor((100 * done) / total) }) : "";
  }
}
