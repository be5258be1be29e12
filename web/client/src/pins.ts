// Fields worth coming back to: drawn as thin frames, listed in a panel, shared with everybody who may see the slide.

import { request } from "./activity";
import type { Bench } from "./bench";
import { CaptionForm } from "./caption_form";
import { ask, find, make, say, tell } from "./dom";
import { around, type Region, type View } from "./geometry";
import type { Look } from "./link";
import { drawFrame, drawPlate } from "./overlay";
import type { Words } from "./words";

/** As `/slides/{id}/annotations` tells it. */
interface Pin {
  readonly id: string;
  readonly shape: { readonly kind: "rectangle"; readonly look?: Look } & Region;
  readonly label: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly mine: boolean;
  /** Its label is hidden from who reads blind. */
  readonly sealed: boolean;
}

/** What is sent to be drawn, and where: on the slide that it was taken on, whichever is open by now. */
interface Drawn {
  readonly address: string;
  /** What the slide is called. */
  readonly on: string;
  readonly operation: string;
  readonly region: Region & { readonly look?: Look };
}

const COLOUR = "#f5f5f5";

/** The upright rectangle around what is seen, cut at the slide's edge; undefined: nothing of the slide is seen. */
export function fieldOf(view: View, slide: { width: number; height: number }): Region | undefined {
  const box = around(view);
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const width = Math.min(slide.width, box.x + box.width) - x;
  const height = Math.min(slide.height, box.y + box.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

const asView = ({ x, y, width, height }: Region): View => ({
  x: x + width / 2, y: y + height / 2, width, height, rotation: 0, flip: false,
});

export class Pins {
  private pins: readonly Pin[] = [];
  /** The slide that they are of. */
  private slide: string;
  /** Whether the frames are drawn: the list and they go together. */
  private framed = true;
  /** Which reading was begun last: what an earlier one brings later is older. */
  private reading = 0;
  private readonly panel = find("#pins", HTMLElement);
  private readonly form: CaptionForm<Drawn>;
  private readonly caption = find("label[for=pin-label]", HTMLElement);
  /** The last that a caption was asked for. */
  private taken: Drawn | undefined;

  constructor(
    private readonly bench: Bench,
    private readonly words: Words,
  ) {
    this.slide = bench.slide.id;
    bench.overlay.add((context, view, window) => {
      if (!this.framed || this.slide !== this.bench.slide.id) return;
      for (const [index, pin] of this.pins.entries()) {
        const shown = asView(pin.shape);
        const corner = drawFrame(context, view, window, shown, COLOUR);
        const across = (shown.width / view.width) * window.width;
        const inside = corner.x > -across && corner.x < window.width && corner.y > -20 && corner.y < window.height + 20;
        if (across > 60 && inside && across < window.width * 1.5) {
          drawPlate(context, { x: corner.x, y: corner.y - 3 }, this.name(pin, index), COLOUR, window);
        }
      }
    });
    this.form = new CaptionForm("pin", bench, (field, label) => this.save(field, label));
  }

  private get address(): string {
    return `/slides/${this.bench.slide.id}/annotations`;
  }

  private name(pin: Pin, index: number): string {
    if (pin.sealed) return this.words("viewer-pin-sealed", { number: index + 1 });
    return pin.label === "" ? this.words("viewer-pin-unnamed", { number: index + 1 }) : pin.label;
  }

  async read(): Promise<void> {
    const reading = ++this.reading;
    const slide = this.bench.slide.id;
    if (slide !== this.slide) this.turn(slide);
    try {
      const answer = await request(this.address, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { annotations } = (await answer.json()) as { annotations: Pin[] };
      if (slide !== this.bench.slide.id || reading !== this.reading) return;
      this.pins = annotations.filter((pin) => pin.shape.kind === "rectangle");
      this.list();
    } catch {
      say(this.words("viewer-pins-failed"));
    }
  }

  /** Another slide: what it has of pins is not known yet, and what is being typed is still of the one before. */
  private turn(slide: string): void {
    this.slide = slide;
    this.pins = [];
    this.list();
    find("#pins-empty", HTMLElement).hidden = true;
    this.entitle();
  }

  /** Says which slide the caption is for, where that is not the one on the screen. */
  private entitle(): void {
    const { taken } = this;
    const elsewhere = taken !== undefined && taken.address !== this.address;
    tell(this.caption, elsewhere ? this.words("viewer-pin-label-of", { slide: taken.on }) : this.words("viewer-pin-label"));
  }

  toggle(): void {
    this.showAll(this.panel.hidden !== false);
  }

  private showAll(shown: boolean): void {
    this.bench.toggle("pins", this.panel, shown);
    this.framed = shown;
    this.bench.refresh();
  }

  /** Takes the field as it is now; the caption is typed at leisure. */
  begin(): void {
    const region = fieldOf(this.bench.slideView.view(), this.bench.slide);
    if (region === undefined) return;
    const look = this.bench.look();
    this.showAll(true);
    // A caption that is being typed for a field of another slide comes first.
    if (this.form.typed && this.taken?.address !== this.address) return this.form.focus();
    this.taken = {
      address: this.address,
      on: this.bench.slide.label || this.words("viewer-slide-unnamed"),
      operation: crypto.randomUUID(),
      region: Object.keys(look).length === 0 ? region : { ...region, look },
    };
    this.entitle();
    this.form.open(this.taken);
  }

  private async save({ address, operation, region }: Drawn, label: string): Promise<boolean> {
    try {
      await this.draw(address, operation, region, label);
    } catch {
      // Sent again, the same operation draws once.
      say(this.words("viewer-pin-failed"));
      return false;
    }
    say(this.words("viewer-pin-saved"));
    void this.read();
    return true;
  }

  private async draw(address: string, operation: string, { x, y, width, height, look }: Drawn["region"], label: string): Promise<void> {
    const shape = { kind: "rectangle", x, y, width, height, look };
    const answer = await request(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ operation_id: operation, shape, label }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
  }

  private async remove(pin: Pin): Promise<void> {
    const { address } = this;
    try {
      const answer = await request(`${address}/${pin.id}`, { method: "DELETE", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const operation = crypto.randomUUID();
      const restore = async (): Promise<void> => {
        try {
          await this.draw(address, operation, pin.shape, pin.label);
          say(this.words("viewer-pin-restored"));
        } catch {
          ask(this.words("viewer-pin-failed"), again);
        }
        await this.read();
      };
      const undo = { text: this.words("viewer-pin-undo"), act: (): void => void restore() };
      const again = { text: this.words("viewer-pin-retry"), act: undo.act };
      ask(this.words("viewer-pin-deleted"), undo);
    } catch {
      say(this.words("viewer-pin-failed"));
    }
    await this.read();
  }

  private list(): void {
    const rows = this.pins.map((pin, index) => {
      const name = this.name(pin, index);
      const go = make("button", { class: "pin-go" }, make("span", { class: "pin-name", text: name }));
      go.type = "button";
      go.append(make("span", { class: "pin-by", text: pin.author.name }));
      go.addEventListener("click", () => {
        const { rotation, flip } = this.bench.slideView.target();
        const field = { ...asView(pin.shape), rotation, flip };
        const box = around(field);
        this.bench.goTo({ ...field, width: box.width, height: box.height }, pin.shape.look);
      });
      const row = make("li", {}, go);
      if (pin.mine) {
        const label = this.words("viewer-pin-delete", { label: name });
        const remove = make("button", { class: "tool small", title: label, label, text: "×" });
        remove.type = "button";
        remove.addEventListener("click", () => void this.remove(pin));
        row.append(remove);
      }
      return row;
    });
    find("#pin-list", HTMLElement).replaceChildren(...rows);
    find("#pins-empty", HTMLElement).hidden = rows.length > 0;
    this.bench.refresh();
  }
}
