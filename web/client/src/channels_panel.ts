// The channels of a fluorescence slide beside it: which are shown, in which colour, between which sample values.

import {
  asScanned, autoWindow, byteOf, distinctColours, rounded, sane, valueOf, type Channel, type ChannelLook,
} from "./channels";
import { find, make } from "./dom";
import { number, type Words } from "./words";

interface Row {
  readonly shown: HTMLInputElement;
  readonly colour: HTMLInputElement;
  readonly low: HTMLInputElement;
  readonly high: HTMLInputElement;
  readonly lowSlider: HTMLInputElement;
  readonly highSlider: HTMLInputElement;
  readonly graph: HTMLCanvasElement;
}

export class ChannelsPanel {
  readonly panel = find("#channels", HTMLElement);
  private readonly list = find("#channel-list", HTMLElement);
  private channels: readonly Channel[] = [];
  private looks: readonly ChannelLook[] = [];
  private rows: Row[] = [];

  constructor(
    private readonly words: Words,
    private readonly on: {
      /** Another look of the channels is wanted. */
      look(looks: readonly ChannelLook[]): void;
      /** How often each byte of a channel occurs in what was seen. */
      histogram(channel: number): Uint32Array;
    },
  ) {
    this.panel.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-channels]") : null;
      if (button !== null) this.press(button.dataset["channels"]!, Number(button.dataset["channel"]));
    });
  }

  open(channels: readonly Channel[], looks: readonly ChannelLook[]): void {
    const unnamed = (index: number): string => this.words("viewer-channel-unnamed", { number: index + 1 });
    this.channels = channels.map((channel, index) => ({ ...channel, name: channel.name || unnamed(index) }));
    this.looks = looks;
    this.rows = [];
    this.list.replaceChildren(...this.channels.map((channel, index) => this.row(channel, index)));
    this.show();
  }

  /** Draws the histograms again: more of the slide was seen. */
  refresh(): void {
    if (this.panel.hidden) return;
    for (const [index, row] of this.rows.entries()) this.graph(row.graph, index);
  }

  private press(action: string, channel: number): void {
    if (action === "scanned") this.change(asScanned(this.channels));
    else if (action === "distinct") this.change(distinctColours(this.looks));
    else if (action === "auto-all") this.change(this.looks.map((_, index) => this.auto(index)));
    else if (action === "auto") this.change(this.looks.map((look, index) => (index === channel ? this.auto(index) : look)));
    else if (action === "alone") {
      const alone = this.looks.every((look, index) => look.shown === (index === channel));
      this.change(this.looks.map((look, index) => ({ ...look, shown: alone || index === channel })));
    }
  }

  private auto(index: number): ChannelLook {
    const look = this.looks[index]!;
    return { ...look, ...autoWindow(this.channels[index]!, this.on.histogram(index)) };
  }

  private change(looks: readonly ChannelLook[]): void {
    this.looks = looks;
    this.show();
    this.on.look(looks);
  }

  private changeOne(index: number, part: Partial<ChannelLook>): void {
    const before = this.looks[index]!;
    const after = sane(this.channels[index]!, { ...before, ...part }, before);
    this.change(this.looks.map((look, one) => (one === index ? after : look)));
  }

  private row(channel: Channel, index: number): HTMLElement {
    const input = (type: string, label: string, name: string): HTMLInputElement => {
      const made = make("input", { label: `${channel.name}, ${label}`, class: name });
      made.type = type;
      return made;
    };
    const shown = make("input");
    shown.type = "checkbox";
    const colour = input("color", this.words("viewer-channel-colour"), "channel-colour");
    const [low, lowSlider] = [input("number", this.words("viewer-channel-low"), ""), input("range", this.words("viewer-channel-low"), "")];
    const [high, highSlider] = [input("number", this.words("viewer-channel-high"), ""), input("range", this.words("viewer-channel-high"), "")];
    for (const one of [low, high]) {
      one.step = "any";
      one.min = String(channel.companded ? channel.lowest : 0);
      one.max = String(channel.companded ? channel.highest : 255);
    }
    for (const one of [lowSlider, highSlider]) {
      one.max = "255";
      one.step = "1";
    }
    const graph = make("canvas", { class: "channel-graph" });
    graph.setAttribute("aria-hidden", "true");
    shown.addEventListener("change", () => this.changeOne(index, { shown: shown.checked }));
    colour.addEventListener("input", () => this.changeOne(index, { colour: colour.value }));
    low.addEventListener("change", () => this.changeOne(index, { low: low.valueAsNumber }));
    high.addEventListener("change", () => this.changeOne(index, { high: high.valueAsNumber }));
    const slid = (slider: HTMLInputElement): number => rounded(channel, valueOf(channel, slider.valueAsNumber));
    lowSlider.addEventListener("input", () => this.changeOne(index, { low: slid(lowSlider) }));
    highSlider.addEventListener("input", () => this.changeOne(index, { high: slid(highSlider) }));
    this.rows.push({ shown, colour, low, high, lowSlider, highSlider, graph });

    const button = (action: string, label: string): HTMLButtonElement => {
      const made = make("button", { class: "act small", text: this.words(label), label: `${channel.name}, ${this.words(label)}` });
      made.type = "button";
      made.dataset["channels"] = action;
      made.dataset["channel"] = String(index);
      return made;
    };
    const name = make("label", { class: "channel-name" }, shown, make("span", { text: channel.name }));
    const head = make("div", { class: "channel-head" }, name, colour);
    const sliders = make("div", { class: "channel-sliders" }, graph, lowSlider, highSlider);
    const label = (text: string, field: HTMLElement): HTMLElement => make("label", {}, make("span", { text: this.words(text) }), field);
    const numbers = make("div", { class: "channel-window" }, label("viewer-channel-low", low), label("viewer-channel-high", high));
    const buttons = make("div", { class: "channel-buttons" }, button("auto", "viewer-channel-auto"), button("alone", "viewer-channel-alone"));
    const item = make("li", {}, head, sliders, numbers, buttons);
    item.setAttribute("aria-label", channel.name);
    return item;
  }

  private show(): void {
    for (const [index, row] of this.rows.entries()) {
      const channel = this.channels[index]!;
      const look = this.looks[index]!;
      row.shown.checked = look.shown;
      row.colour.value = look.colour;
      row.low.value = String(look.low);
      row.high.value = String(look.high);
      for (const [slider, value] of [[row.lowSlider, look.low], [row.highSlider, look.high]] as const) {
        slider.value = String(Math.round(byteOf(channel, value)));
        slider.setAttribute("aria-valuetext", number(value, 3));
      }
      this.graph(row.graph, index);
    }
  }

  /** How much of the picture is how bright, and the window on it; the axis runs like the sliders. */
  private graph(canvas: HTMLCanvasElement, index: number): void {
    if (this.panel.hidden) return;
    const ratio = window.devicePixelRatio;
    const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio)));
    const height = (canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio)));
    const counts = this.on.histogram(index);
    const channel = this.channels[index]!;
    const look = this.looks[index]!;
    const most = Math.sqrt(Math.max(1, ...counts));
    const [from, to] = [byteOf(channel, look.low), byteOf(channel, look.high)];
    const context = canvas.getContext("2d")!;
    for (const [byte, count] of counts.entries()) {
      const tall = (Math.sqrt(count) / most) * (height - 1);
      context.fillStyle = byte < from || byte > to ? "#6a6a6a" : "#c4c4c4";
      context.fillRect((byte / 256) * width, height - tall, width / 256 + 0.5, tall);
    }
    context.fillStyle = "#f2f2f2";
    for (const byte of [from, to]) context.fillRect(Math.min((byte / 255) * width, width - ratio), 0, ratio, height);
  }
}
