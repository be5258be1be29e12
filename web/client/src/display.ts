// How this browser shows slides: wishes of the person at this screen, kept in the browser; nothing of a slide or a case.

import { find } from "./dom";
import { fastestDrawer } from "./graphics";

const ORIGINAL = "telepath-original";
const DRAWER = "telepath-drawer";

/** Always the file's own picture, however thin the link. */
export const wantsOriginal = (): boolean => localStorage.getItem(ORIGINAL) !== null;

/** What the person chose, else what draws fastest here. */
export function chosenDrawer(): "canvas" | "webgl" {
  const chosen = localStorage.getItem(DRAWER);
  return chosen === "canvas" || chosen === "webgl" ? chosen : fastestDrawer();
}

export class Display {
  private readonly original = find("#display-original", HTMLInputElement);
  private readonly drawer = find("#display-drawer", HTMLSelectElement);
  readonly panel = find("#display", HTMLElement);

  constructor(
    private readonly on: {
      original(): void;
      /** Another drawer takes a page loaded again. */
      drawer(): void;
    },
  ) {
    this.original.checked = wantsOriginal();
    this.original.addEventListener("change", () => this.always(this.original.checked));
    this.drawer.value = localStorage.getItem(DRAWER) ?? "auto";
    this.drawer.addEventListener("change", () => {
      if (this.drawer.value === "auto") localStorage.removeItem(DRAWER);
      else localStorage.setItem(DRAWER, this.drawer.value);
      this.on.drawer();
    });
  }

  always(original: boolean): void {
    this.original.checked = original;
    if (original) localStorage.setItem(ORIGINAL, "1");
    else localStorage.removeItem(ORIGINAL);
    this.on.original();
  }
}
