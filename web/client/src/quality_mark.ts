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

  /** Until the levels that the file lacks are made. */
  build(under_way: boolean): void {
    this.building.textContent = under_way ? this.words("viewer-building") : "";
  }
}
