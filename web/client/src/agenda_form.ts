// Setting the agenda: a row for each point, in their order.

import { moved } from "./agenda";
import { find, make } from "./dom";
import type { Item } from "./messages";
import { roomsIn } from "./onward";
import type { Words } from "./words";

const MOST = 60;
const LONGEST = 120;
const MINUTES = 240;

/** A point as the form has it. `room`: undefined: of this case; "": of another one, not said yet which. */
type Row = Omit<Item, "room"> & { readonly room?: string | undefined };

interface SlideName {
  readonly id: string;
  readonly label: string;
}

export class AgendaForm {
  private readonly dialog = find("#agenda-dialog", HTMLDialogElement);
  private readonly rows = find("#agenda-rows", HTMLElement);
  private readonly wrong = find("#agenda-wrong", HTMLElement);
  private items: readonly Row[] = [];

  constructor(
    private readonly slides: readonly SlideName[],
    private readonly words: Words,
    private readonly save: (items: readonly Item[]) => void,
  ) {
    find("#agenda-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.dialog.close();
      // A point with a slide and no words is named as the slide.
      const named = this.read().map((row) => ({ ...row, room: row.room ?? "", label: row.label || this.nameOf(row) }));
      this.save(named.filter((item) => item.label !== ""));
    });
    // Addresses of rooms, pasted anywhere: a point each.
    this.rows.addEventListener("paste", (event) => {
      const rooms = roomsIn(event.clipboardData?.getData("text") ?? "");
      if (rooms.length === 0) return;
      event.preventDefault();
      this.addRooms(rooms, [...this.rows.children].findIndex((row) => event.target instanceof Node && row.contains(event.target)));
    });
    find("#agenda-cancel", HTMLElement).addEventListener("click", () => this.dialog.close());
    find("#agenda-add", HTMLElement).addEventListener("click", () => this.add([{ label: "", slide: "" }]));
    find("#agenda-add-room", HTMLElement).addEventListener("click", () => this.add([{ label: "", slide: "", room: "" }]));
    find("#agenda-add-slides", HTMLElement).addEventListener("click", () => {
      const there = new Set(this.read().map((item) => item.slide));
      this.add(slides.filter(({ id }) => !there.has(id)).map(({ id }) => ({ label: this.nameOf({ slide: id }), slide: id })));
    });
  }

  /** `why`: what is wrong with them. */
  open(items: readonly Item[], why = ""): void {
    this.items = items.map((item) => ({ ...item, room: item.room || undefined }));
    this.wrong.textContent = why;
    this.draw();
    if (items.length === 0) this.add([{ label: "", slide: "" }]);
    this.dialog.showModal();
    this.focus(0);
  }

  private add(more: readonly Pick<Row, "label" | "slide" | "room">[]): void {
    const before = this.read().filter((row) => row.label !== "" || row.slide !== "" || row.room);
    this.items = [...before, ...more.map((item) => ({ id: crypto.randomUUID(), minutes: 0, ...item }))].slice(0, MOST);
    this.draw();
    this.focus(this.items.length - 1);
  }

  /** The first one into the row where it was pasted; the others below it. */
  private addRooms(rooms: readonly string[], at: number): void {
    const items = this.read();
    const made = rooms.map((room, index) => ({ ...(index === 0 && items[at]) || { id: crypto.randomUUID(), label: "", minutes: 0 }, slide: "", room }));
    this.items = [...items.slice(0, at), ...made, ...items.slice(at + 1)].slice(0, MOST);
    this.draw();
    this.focus(at);
  }

  private focus(index: number): void {
    (this.rows.children[index]?.querySelector("input") ?? find("#agenda-add", HTMLElement)).focus();
  }

  private nameOf({ slide, room }: Pick<Row, "slide" | "room">): string {
    if (room) return this.words("rooms-agenda-next-case");
    const found = this.slides.find(({ id }) => id === slide);
    return found === undefined ? "" : (found.label || this.words("viewer-slide-unnamed")).slice(0, LONGEST);
  }

  /** The items as they stand in the form. */
  private read(): readonly Row[] {
    return [...this.rows.children].map((row, index) => {
      const minutes = Math.round(Number(find(".agenda-minutes-field", HTMLInputElement, row).value));
      return {
        id: this.items[index]!.id,
        label: find(".agenda-label-field", HTMLInputElement, row).value.trim(),
        ...this.placeIn(row),
        minutes: Number.isFinite(minutes) ? Math.min(Math.max(minutes, 0), MINUTES) : 0,
      };
    });
  }

  private placeIn(row: Element): Pick<Row, "slide" | "room"> {
    const room = row.querySelector<HTMLInputElement>(".agenda-room-field");
    return room === null ? { slide: find("select", HTMLSelectElement, row).value } : { slide: "", room: roomsIn(room.value)[0] ?? "" };
  }

  private draw(): void {
    this.rows.replaceChildren(...this.items.map((item, index) => this.row(item, index)));
    find("#agenda-add", HTMLButtonElement).disabled = this.items.length >= MOST;
  }

  private row(item: Row, index: number): HTMLElement {
    const words = { number: index + 1 };
    const label = make("input", { class: "agenda-label-field", label: this.words("rooms-agenda-label", words) });
    label.value = item.label;
    label.maxLength = LONGEST;
    label.autocomplete = "off";
    const place = item.room === undefined ? this.slideField(item.slide, words) : this.roomField(item.room, words);
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
    return make("li", {}, label, place, minutes,
      change("↑", "rooms-agenda-up", () => move(-1), index === 0),
      change("↓", "rooms-agenda-down", () => move(1), index === this.items.length - 1),
      change("×", "rooms-agenda-remove", remove));
  }

  private slideField(chosen: string, words: { readonly number: number }): HTMLElement {
    const field = make("select", { label: this.words("rooms-agenda-slide", words) });
    for (const { id, label } of [{ id: "", label: this.words("rooms-agenda-slide-none") }, ...this.slides]) {
      const option = make("option", { text: label || this.words("viewer-slide-unnamed") });
      option.value = id;
      field.append(option);
    }
    field.value = this.slides.some(({ id }) => id === chosen) ? chosen : "";
    return field;
  }

  private roomField(room: string, words: { readonly number: number }): HTMLElement {
    const field = make("input", { class: "agenda-room-field", label: this.words("rooms-agenda-room", words) });
    field.value = room === "" ? "" : `${location.origin}/rooms/${room}`;
    field.placeholder = this.words("rooms-agenda-room-hint");
    field.autocomplete = "off";
    const check = (): void => field.setCustomValidity(roomsIn(field.value).length === 1 ? "" : this.words("rooms-agenda-room-wrong"));
    field.addEventListener("input", check);
    check();
    return field;
  }
}
