// Where one is on the slide: magnification, scale bar, place, rotation, shown and spoken.

import { find } from "./dom";
import { barLength, downsampleFor, lengthText, magnification, plausibleMpp, snapped, turn, type View } from "./geometry";
import { rounded } from "./link";
import { language, number, type Words } from "./words";

export class ReadOut {
  private spoken = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly rotation: HTMLInputElement,
    private readonly words: Words,
  ) {}

  /** Says beside the scale bar that somebody entered the scale, and who where that is known. */
  entered(slide: { readonly scale_entered?: boolean; readonly scale_by?: string }): void {
    const mark = find("#scale-entered", HTMLElement);
    mark.hidden = !slide.scale_entered;
    if (mark.hidden) return;
    const text = slide.scale_by ? this.words("viewer-scale-entered", { name: slide.scale_by }) : this.words("viewer-scale-entered-by-hand");
    if (mark.textContent !== text) mark.textContent = text;
  }

  /** `downsample`: level-0 px per device px; `natives`: of the slide's levels; `plane`: the focal plane in words, or empty. */
  show(view: View, downsample: number, mpp: number | null, natives: readonly number[], plane: string): void {
    const degrees = Math.round(turn(view.rotation)) % 360;
    const signed = degrees > 180 ? degrees - 360 : degrees;
    find("#degrees", HTMLElement).textContent = this.words("viewer-rotation-value", { value: signed });
    if (document.activeElement !== this.rotation) this.rotation.value = String(signed);
    find("[data-action=flip]", HTMLElement).setAttribute("aria-pressed", String(view.flip));

    const bar = find("#scale-bar", HTMLElement);
    const digital = downsample < 0.98;
    find("#digital", HTMLElement).hidden = !digital;
    bar.hidden = !plausibleMpp(mpp);
    find("#scale-unknown", HTMLElement).hidden = plausibleMpp(mpp);
    const output = find("#magnification", HTMLElement);
    if (!plausibleMpp(mpp)) {
      const { x, y } = rounded(view);
      output.textContent = "";
      this.speak(this.words("viewer-spoken-pixels", { x: Math.round(x), y: Math.round(y) }), plane);
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
      const wanted = snapped(downsampleFor(Number(button.dataset["value"]), mpp), natives);
      button.setAttribute("aria-pressed", String(Math.abs(downsample / wanted - 1) < 0.02));
    }
    this.speak(
      degrees === 0
        ? this.words("viewer-spoken", { magnification: powerText, ...place })
        : this.words("viewer-spoken-rotation", { magnification: powerText, rotation: signed, ...place }),
      plane,
    );
  }

  /** Says where we are once the move has ended, not at each frame. */
  private speak(text: string, plane: string): void {
    window.clearTimeout(this.spoken);
    this.spoken = window.setTimeout(() => {
      const line = find("#spoken", HTMLElement);
      const all = plane === "" ? text : `${text}, ${plane}`;
      if (line.textContent !== all) line.textContent = all;
    }, 700);
  }
}
