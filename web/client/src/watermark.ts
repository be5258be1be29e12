// The name of a guest and the time, over and over on the slide: whoever takes a picture of the screen takes them along.

import { language } from "./words";

const CELL = { width: 560, height: 220 };
const TURN = -Math.PI / 9;
const REDRAW_MS = 20_000;

/** Legible on pale glass and on dark nuclei, and still thin enough to read a slide through it. */
function cell(text: string, ratio: number): string {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(CELL.width * ratio);
  canvas.height = Math.round(CELL.height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return "";
  context.scale(ratio, ratio);
  context.font = "600 14px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = "rgb(255 255 255 / 42%)";
  context.fillStyle = "rgb(0 0 0 / 34%)";
  for (const [x, y] of [[CELL.width / 4, CELL.height / 4], [(CELL.width * 3) / 4, (CELL.height * 3) / 4]] as const) {
    context.save();
    context.translate(x, y);
    context.rotate(TURN);
    const room = CELL.width / 2;
    context.strokeText(text, 0, 0, room);
    context.fillText(text, 0, 0, room);
    context.restore();
  }
  return canvas.toDataURL();
}

/** Writes `name` and the time on the slide for as long as the page lives; where the page has no place for it, nothing. */
export function watermark(name: string): void {
  const place = document.querySelector<HTMLElement>("#watermark");
  if (place === null) return;
  const clock = new Intl.DateTimeFormat(language(), { dateStyle: "short", timeStyle: "short" });
  const write = (): void => {
    const text = `${name} · ${clock.format(new Date())}`;
    if (place.dataset["text"] === text) return;
    place.dataset["text"] = text;
    place.style.backgroundImage = `url("${cell(text, window.devicePixelRatio)}")`;
    place.style.backgroundSize = `${CELL.width}px ${CELL.height}px`;
  };
  write();
  window.setInterval(write, REDRAW_MS);
}
