// The focal planes of a slide: one of them is on the screen, and its number is said.

import { find } from "./dom";
import type { Planes } from "./slide";
import { number, type Words } from "./words";

/** Of a wheel that scrolls smoothly so much is one plane. */
const NOTCH = 50;

export class Focus {
  private readonly box = find("#focus", HTMLElement);
  private readonly slider = find("#focus-slider", HTMLInputElement);
  private readonly output = find("#focus-plane", HTMLElement);
  private planes: Planes = { count: 1, spacing: null };
  private target = 0;
  private rolled = 0;

  constructor(
    slide: HTMLElement,
    private readonly words: Words,
    private readonly go: (plane: number) => void,
  ) {
    this.slider.addEventListener("input", () => this.to(Number(this.slider.value)));
    slide.addEventListener(
      "wheel",
      (event) => {
        if (this.planes.count < 2 || !(event.altKey || event.shiftKey)) return;
        event.preventDefault();
        event.stopPropagation(); // it is no zoom
        this.rolled -= event.deltaY || event.deltaX; // with Shift some systems roll sideways
        const steps = Math.trunc(this.rolled / NOTCH);
        this.rolled -= steps * NOTCH;
        if (steps !== 0) this.to(this.target + Math.sign(steps));
      },
      { capture: true, passive: false },
    );
  }

  open(planes: Planes, plane: number): void {
    this.planes = planes;
    this.target = plane;
    this.box.hidden = planes.count < 2;
    this.slider.max = String(planes.count - 1);
    this.show(plane);
  }

  step(by: number): void {
    this.to(this.target + by);
  }

  /** What is on the screen now. */
  show(plane: number): void {
    const text = this.text(plane);
    if (this.output.textContent !== text) this.output.textContent = text;
    if (this.slider.value !== String(this.target)) this.slider.value = String(this.target);
    this.slider.setAttribute("aria-valuetext", this.spoken(this.target));
  }

  /** In a sentence; empty where there is but one plane. */
  spoken(plane: number): string {
    const { count, spacing } = this.planes;
    if (count < 2) return "";
    const values = { plane: plane + 1, count };
    return spacing === null
      ? this.words("viewer-plane-spoken", values)
      : this.words("viewer-plane-spoken-depth", { ...values, depth: number(plane * spacing, 2) });
  }

  private text(plane: number): string {
    const { count, spacing } = this.planes;
    const values = { plane: plane + 1, count };
    return spacing === null
      ? this.words("viewer-plane", values)
      : this.words("viewer-plane-depth", { ...values, depth: number(plane * spacing, 2) });
  }

  private to(plane: number): void {
    const next = Math.min(Math.max(plane, 0), this.planes.count - 1);
    if (next === this.target) return;
    this.target = next;
    this.slider.value = String(next);
    this.slider.setAttribute("aria-valuetext", this.spoken(next));
    this.go(next);
  }
}
