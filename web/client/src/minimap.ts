// The overview in the corner: the whole slide, upright, with the present field on it. A click goes there.

import { corners, type Point, type Size, type View } from "./geometry";

const LONG_SIDE = 220;

export class Minimap {
  private picture: ImageBitmap | undefined;
  private slide: Size = { width: 1, height: 1 };
  /** Until the picture is there, and where there is none. */
  private empty = "#d8d8d8";
  private readonly context: CanvasRenderingContext2D;
  private others: readonly { view: View; colour: string }[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    go: (point: Point) => void,
  ) {
    this.context = canvas.getContext("2d")!;
    const follow = (event: PointerEvent): void => {
      const box = canvas.getBoundingClientRect();
      go({
        x: ((event.clientX - box.left) / box.width) * this.slide.width,
        y: ((event.clientY - box.top) / box.height) * this.slide.height,
      });
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) follow(event);
    });
  }

  async open(slide: Size, empty: string, thumbnail: Promise<ImageBitmap | undefined>): Promise<void> {
    this.slide = slide;
    this.empty = empty;
    this.picture = undefined;
    const scale = LONG_SIDE / Math.max(slide.width, slide.height);
    const width = Math.max(24, Math.round(slide.width * scale));
    const height = Math.max(24, Math.round(slide.height * scale));
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    const picture = await thumbnail;
    if (this.slide === slide) this.picture = picture;
  }

  /** Fields of other people, drawn under one's own. */
  show(others: readonly { view: View; colour: string }[]): void {
    this.others = others;
  }

  draw(view: View): void {
    const { width, height } = this.canvas;
    this.context.fillStyle = this.empty;
    this.context.fillRect(0, 0, width, height);
    if (this.picture !== undefined) this.context.drawImage(this.picture, 0, 0, width, height);
    for (const other of this.others) this.field(other.view, other.colour, 1.5);
    this.field(view, "#ffffff", 2);
  }

  private field(view: View, colour: string, line: number): void {
    const { context, canvas } = this;
    const points = corners(view).map((corner) => ({
      x: (corner.x / this.slide.width) * canvas.width,
      y: (corner.y / this.slide.height) * canvas.height,
    }));
    const centre = { x: (points[0]!.x + points[2]!.x) / 2, y: (points[0]!.y + points[2]!.y) / 2 };
    const across = Math.hypot(points[1]!.x - points[0]!.x, points[1]!.y - points[0]!.y);
    context.beginPath();
    // At ×40 the field is smaller than a dot: a ring keeps it findable.
    if (across < 8 * devicePixelRatio) context.arc(centre.x, centre.y, 5 * devicePixelRatio, 0, 2 * Math.PI);
    else for (const point of points) context.lineTo(point.x, point.y);
    context.closePath();
    context.strokeStyle = "rgb(0 0 0 / 70%)";
    context.lineWidth = (line + 2) * devicePixelRatio;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = line * devicePixelRatio;
    context.stroke();
  }
}
