// What is drawn over the slide in a room: the fields of others, the part that everybody sees, the pointers. And what the page says
// of it, for tests and for whoever wants to know.

import type { Bench } from "./bench";
import { toScreen, type Size, type View } from "./geometry";
import { viewText } from "./link";
import { colourOf } from "./messages";
import { drawFrame, drawPlate, drawPointer } from "./overlay";
import type { Participants } from "./participants";
import type { Pointers } from "./pointers";

/** Of somebody who is not connected. */
const ABSENT = "#bdbdbd";
const COMMON = "#f4f4f4";

export class RoomDrawing {
  constructor(
    private readonly bench: Bench,
    private readonly participants: Participants,
    private readonly pointers: Pointers,
    private readonly words: (id: string) => string,
    private readonly fields: {
      /** Of whoever presents, as played. */
      presented(): View | undefined;
      /** Of somebody else whom this page follows, as played. */
      watched(): View | undefined;
      /** What all who follow see of one's own field, when that is less than all of it. */
      common(): View | undefined;
    },
  ) {
    bench.overlay.add((context, view, window) => this.drawFields(context, view, window));
    bench.overlay.add((context, view, window) => this.drawCommon(context, view, window));
    bench.overlay.add((context, view, window) => this.drawPointers(context, view, window));
  }

  /** What this page shows and follows; read only. */
  honest(): void {
    const data = this.bench.element.dataset;
    const { participants } = this;
    data["role"] = participants.role;
    data["epoch"] = String(participants.epoch);
    data["whom"] = participants.whom;
    const field = participants.presents ? this.bench.slideView.view() : this.fields.presented();
    if (field === undefined) delete data["field"];
    else data["field"] = viewText(field);
    const common = this.fields.common();
    if (common === undefined) delete data["common"];
    else data["common"] = viewText(common);
  }

  private drawFields(context: CanvasRenderingContext2D, view: View, window: Size): void {
    this.honest();
    const { participants } = this;
    const shown = [
      { person: participants.presenter, field: this.fields.presented(), left: participants.role !== "following" },
      { person: participants.whom, field: this.fields.watched(), left: participants.role !== "watching" },
    ].flatMap(({ person, field, left }) => {
      if (participants.presents || field === undefined) return [];
      const member = participants.member(person);
      return [{ person, view: field, left, absent: member === undefined, colour: member === undefined ? ABSENT : colourOf(member.colour) }];
    });
    this.bench.minimap.show(shown);
    for (const { person, view: field, left, absent, colour } of shown) {
      const corner = drawFrame(context, view, window, field, colour, absent);
      if (!left) continue;
      const centre = toScreen(view, window, field);
      const away = centre.x < 0 || centre.y < 0 || centre.x > window.width || centre.y > window.height;
      // Off the screen the plate stays at the edge that it lies beyond.
      drawPlate(context, away ? { x: centre.x, y: centre.y } : { x: corner.x, y: corner.y - 3 }, participants.nameOf(person), colour, window);
    }
  }

  private drawCommon(context: CanvasRenderingContext2D, view: View, window: Size): void {
    const common = this.fields.common();
    if (common === undefined) return;
    const corner = drawFrame(context, view, window, common, COMMON, true);
    drawPlate(context, { x: corner.x, y: corner.y - 3 }, this.words("rooms-common"), COMMON, window);
  }

  private drawPointers(context: CanvasRenderingContext2D, view: View, window: Size): void {
    const shown = this.pointers.next(view, window);
    for (const pointer of shown) drawPointer(context, toScreen(view, window, pointer), pointer.name, pointer.colour, window);
    this.bench.element.dataset["pointers"] = JSON.stringify(shown);
  }
}
