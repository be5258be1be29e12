// Says on the slide when what is shown is reduced, and when a level is still being made: in words, heard too.

import { find } from "./dom";
import type { Quality } from "./quality";
import type { Words } from "./words";

export class QualityMark {
  private readonly mark = find("#quality", HTMLElement);
  private readonly text = find("#quality-text", HTMLElement);
  private readonly building = find("#building", HTMLElement);
  private was: Quality = "partial";

  constructor(private readonly words: Words) {}

  /** Gone only when all that the window shows is as the file holds it: "partial" after "reduced" says nothing new. */
  show(quality: Quality): void {
    if (quality === this.was || (quality === "partial" && this.was === "reduced")) return;
    const ends = this.was === "reduced";
    this.was = quality;
    this.mark.dataset["quality"] = quality;
    this.text.textContent =
      quality === "reduced" ? this.words("viewer-quality-reduced") : ends ? this.words("viewer-quality-original") : "";
  }

  /** While a level is being made that the window needs. */
  build(missing: boolean): void {
    const text = missing ? this.words("viewer-building") : "";
    if (this.building.textContent !== text) this.building.textContent = text;
  }
}
