// Thin drawings above the slide: pinned fields, the presenter's rectangle, pointers. One canvas, redrawn with the view.

import { corners, toScreen, type Point, type Size, type View } from "./geometry";

export type Layer = (context: CanvasRenderingContext2D, view: View, window: Size) => void;

export class Overlay {
  private readonly context: CanvasRenderingContext2D;
  private readonly layers: Layer[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext("2d")!;
  }

  add(layer: Layer): void {
    this.layers.push(layer);
  }

  draw(view: View, window: Size, ratio: number): void {
    const width = Math.round(window.width * ratio);
    const height = Math.round(window.height * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.context.scale(ratio, ratio);
    for (const layer of this.layers) layer(this.context, view, window);
  }
}

function trace(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const [index, point] of points.entries()) {
    if (index === 0) context.moveTo(point.x, point.y);
    else context.lineTo(point.x, point.y);
  }
  context.closePath();
}

/** A thin frame around `shown`, readable on pale and dark tissue: a dark line, a white one on it, the colour on that. */
export function drawFrame(
  context: CanvasRenderingContext2D,
  view: View,
  window: Size,
  shown: View,
  colour: string,
  dashed = false,
): Point {
  const points = corners(shown).map((corner) => toScreen(view, window, corner));
  context.save();
  context.lineJoin = "round";
  trace(context, points);
  context.strokeStyle = "rgb(0 0 0 / 85%)"; // on white glass this line alone is seen
  context.lineWidth = 5.5;
  context.stroke();
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2.75;
  context.stroke();
  if (dashed) context.setLineDash([7, 5]);
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
  return points.reduce((first, point) => (point.y + point.x < first.y + first.x ? point : first));
}

/** A small name plate; `at` is its bottom left corner. */
export function drawPlate(context: CanvasRenderingContext2D, at: Point, text: string, colour: string, window: Size): void {
  context.save();
  context.font = "600 12px system-ui, sans-serif";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 12;
  const x = Math.min(Math.max(at.x, 4), Math.max(4, window.width - width - 4));
  const y = Math.min(Math.max(at.y - 20, 4), window.height - 24);
  context.fillStyle = "rgb(18 18 18 / 88%)";
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.beginPath();
  context.roundRect(x, y, width, 20, 5);
  context.fill();
  context.stroke();
  context.fillStyle = "#f4f4f4";
  context.fillText(text, x + 6, y + 10.5);
  context.restore();
}

/** A pointer with its name: an arrow in the person's colour, white ring, dark outline. */
export function drawPointer(context: CanvasRenderingContext2D, at: Point, name: string, colour: string, window: Size): void {
  context.save();
  context.translate(at.x, at.y);
  context.beginPath();
  for (const [x, y] of [[0, 0], [0, 17], [4.6, 13], [7.6, 19.4], [10.6, 18], [7.6, 11.8], [13.4, 11.4]] as const) {
    context.lineTo(x, y);
  }
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = "rgb(0 0 0 / 75%)";
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2.75;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  context.restore();
  drawPlate(context, { x: at.x + 14, y: at.y + 40 }, name, colour, window);
}
