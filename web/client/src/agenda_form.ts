// Setting the agenda: a row for each point, in their order.

import { moved } from "./agenda";
import { find, make } from "./dom";
import type { Item } from "./messages";
import type { Words } from "./words";

const MOST = 60;
const LONGEST = 120;
const MINUTES = 240;

interface SlideName {
  readonly id: string;
  readonly label: string;
}

export class AgendaForm {
  private readonly dialog = find("#agenda-dialog", HTMLDialogElement);
  private readonly rows = find("#agenda-rows", HTMLElement);
  private items: readonly Item[] = [];

  constructor(
    private readonly slides: readonly SlideName[],
    private readonly words: Words,
    private readonly save: (items: readonly Item[]) => void,
  ) {
    find("#agenda-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.dialog.close();
      // A point with a slide and no words is named as the slide.
      const named = this.read().map((item) => ({ ...item, label: item.label || this.nameOf(item.slide) }));
      this.save(named.filter((item) => item.label !== ""));
    });
    find("#agenda-cancel", HTMLElement).addEventListener("click", () => this.dialog.close());
    find("#agenda-add", HTMLElement).addEventListener("click", () => this.add([{ label: "", slide: "" }]));
    find("#agenda-add-slides", HTMLElement).addEventListener("click", () => {
      const there = new Set(this.read().map((item) => item.slide));
      this.add(slides.filter(({ id }) => !there.has(id)).map(({ id }) => ({ label: this.nameOf(id), slide: id })));
    });
  }

  open(items: readonly Item[]): void {
    this.items = items;
    this.draw();
    if (items.length === 0) this.add([{ label: "", slide: "" }]);
    this.dialog.showModal();
    this.focus(0);
  }

  private add(more: readonly { label: string; slide: string }[]): void {
    const before = this.read().filter((item) => item.label !== "" || item.slide !== "");
    const added = more.map(({ label, slide }) => ({ id: crypto.randomUUID(), label, slide, minutes: 0 }));
    this.items = [...before, ...added].slice(0, MOST);
    this.draw();
    this.focus(this.items.length - 1);
  }

  private focus(index: number): void {
    this.rows.children[index]?.querySelector("input")?.focus();
  }

  private nameOf(slide: string): string {
    const found = this.slides.find(({ id }) => id === slide);
    return found === undefined ? "" : (found.label || this.words("viewer-slide-unnamed")).slice(0, LONGEST);
  }

  /** The items as they stand in the form. */
  private read(): readonly Item[] {
    return [...this.rows.children].map((row, index) => {
      const minutes = Math.round(Number(find(".agenda-minutes-field", HTMLInputElement, row).value));
      return {
        id: this.items[index]!.id,
        label: find(".agenda-label-field", HTMLInputElement, row).value.trim(),
        slide: find("select", HTMLSelectElement, row).value,
        minutes: Number.isFinite(minutes) ? Math.min(Math.max(minutes, 0), MINUTES) : 0,
      };
    });
  }

  private draw(): void {
    this.rows.replaceChildren(...this.items.map((item, index) => this.row(item, index)));
    find("#agenda-add", HTMLButtonElement).disabled = this.items.length >= MOST;
  }

  private row(item: Item, index: number): HTMLElement {
    const words = { number: index + 1 };
    const label = make("input", { class: "agenda-label-field", label: this.words("rooms-agenda-label", words) });
    label.value = item.label;
    label.maxLength = LONGEST;
    label.autocomplete = "off";
    const slide = make("select", { label: this.words("rooms-agenda-slide", words) });
    for (const { id, label: name } of [{ id: "", label: this.words("rooms-agenda-slide-none") }, ...this.slides]) {
      const option = make("option", { text: name || this.words("viewer-slide-unnamed") });
      option.value = id;
      slide.append(option);
    }
    slide.value = this.slides.some(({ id }) => id === item.slide) ? item.slide : "";
    const minutes = make("input", { class: "agenda-minutes-field", label: this.words("rooms-agenda-minutes", words) });
    Object.assign(minutes, { type: "number", min: "0", max: String(MINUTES), step: "1", inputMode: "numeric", placeholder: "min" });
    minutes.value = item.minutes === 0 ? "" : String(item.minutes);
    const change = (sign: string, name: string, act: () => void, disabled = false): HTMLElement => {
      const title = this.words(name, words);
      const button = make("button", { class: "tool small", text: sign, title, label: title });
      button.type = "button";
      button.disabled = disabled;
      button.addEventListener("click", act);
      return button;
    };
    const move = (by: number): void => {
      this.items = moved(this.read(), index, by);
      this.draw();
      this.focus(index + by);
    };
    const remove = (): void => {
      this.items = this.read().filter((_, at) => at !== index);
      this.draw();
      this.focus(Math.min(index, this.items.length - 1));
    };
    return make("li", {}, label, slide, minutes,
      change("↑", "rooms-agenda-up", () => move(-1), index === 0),
      change("↓", "rooms-agenda-down", () => move(1), index === this.items.length - 1),
      change("×", "rooms-agenda-remove", remove));
  }
}
