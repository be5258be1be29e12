// Fluorescence: grey tiles of several channels become one picture, each channel in its colour, added up. Pure.
//
// A tile's bytes stand for sample values; of more than 8 bits they are companded: b = 255·√((v − lowest) / (highest − lowest)),
// so that quantisation stays below photon noise. A window (low, high) in sample values is what is shown from black to full
// colour.

import type { Size } from "./geometry";

/** As the server describes it (web/routes/slides.py). */
export interface Channel {
  readonly name: string;
  /** "#rrggbb". */
  readonly colour: string;
  readonly lowest: number;
  readonly highest: number;
  /** The window that the server proposes. */
  readonly low: number;
  readonly high: number;
  readonly companded: boolean;
}

export interface ChannelLook {
  readonly shown: boolean;
  readonly colour: string;
  readonly low: number;
  readonly high: number;
}

/** One channel's tile. */
export interface Grey extends Size {
  readonly bytes: Uint8Array;
}

export const asScanned = (channels: readonly Channel[]): ChannelLook[] =>
  channels.map(({ colour, low, high }) => ({ shown: true, colour, low, high }));

/** The sample value that a byte (0 to 255, whole or not) stands for. */
export const valueOf = (channel: Channel, byte: number): number =>
  channel.companded ? channel.lowest + (byte / 255) ** 2 * (channel.highest - channel.lowest) : byte;

/** Inverse of `valueOf`, not rounded; values outside the channel's range are brought into it. */
export function byteOf(channel: Channel, value: number): number {
  if (!channel.companded) return Math.min(Math.max(value, 0), 255);
  const share = (value - channel.lowest) / (channel.highest - channel.lowest);
  return 255 * Math.sqrt(Math.min(Math.max(share, 0), 1));
}

const COLOUR = /^#[0-9a-f]{6}$/i;
const parts = (colour: string): [number, number, number] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];

/** Red, green and blue of each of the 256 bytes, 3 × 256. */
export function table(channel: Channel, look: ChannelLook): Uint8Array {
  const [red, green, blue] = parts(look.colour);
  const colours = new Uint8Array(3 * 256);
  const span = Math.max(look.high - look.low, Number.EPSILON);
  for (let byte = 0; byte < 256; byte++) {
    const light = Math.min(Math.max((valueOf(channel, byte) - look.low) / span, 0), 1);
    colours[3 * byte] = Math.round(light * red);
    colours[3 * byte + 1] = Math.round(light * green);
    colours[3 * byte + 2] = Math.round(light * blue);
  }
  return colours;
}

/** RGBA of the channels added up, clipped at white; all tiles of that size. Of no channel: black. */
export function compose(size: Size, greys: readonly Grey[], tables: readonly Uint8Array[]): Uint8ClampedArray<ArrayBuffer> {
  const count = size.width * size.height;
  const rgba = new Uint8ClampedArray(4 * count);
  for (let one = 0; one < greys.length; one++) {
    const bytes = greys[one]!.bytes;
    const colours = tables[one]!;
    for (let pixel = 0, at = 0; pixel < count; pixel++, at += 4) {
      const from = 3 * bytes[pixel]!;
      // A clamped array clips the sum.
      rgba[at] = rgba[at]! + colours[from]!;
      rgba[at + 1] = rgba[at + 1]! + colours[from + 1]!;
      rgba[at + 2] = rgba[at + 2]! + colours[from + 2]!;
    }
  }
  for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
  return rgba;
}

/** How often each byte occurs but 0, which is where nothing was scanned; every seventh pixel is enough to choose a window by. */
export function histogram(greys: Iterable<Grey>): Uint32Array {
  const counts = new Uint32Array(256);
  for (const { bytes } of greys) for (let at = 0; at < bytes.length; at += 7) counts[bytes[at]!]!++;
  counts[0] = 0;
  return counts;
}

/** The window from the darkest hundredth to all but the brightest five in a thousand; undefined: nothing was seen. */
export function autoWindow(channel: Channel, counts: Uint32Array): { low: number; high: number } | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const at = (share: number): number => {
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) if ((sum += counts[byte]!) >= share * total) return byte;
    return 255;
  };
  const dark = Math.min(at(0.01), 254);
  return { low: rounded(channel, valueOf(channel, dark)), high: rounded(channel, valueOf(channel, Math.max(at(0.995), dark + 1))) };
}

/** To whole sample values, where the range has many of them. */
export const rounded = (channel: Channel, value: number): number =>
  channel.highest - channel.lowest > 20 || !channel.companded ? Math.round(value) : Math.round(value * 1000) / 1000;

/** The look brought into what the channel has: a colour, and a window of some width inside the range. */
export function sane(channel: Channel, look: ChannelLook, before: ChannelLook): ChannelLook {
  const lowest = channel.companded ? channel.lowest : 0;
  const highest = channel.companded ? channel.highest : 255;
  const inside = (value: number, otherwise: number): number =>
    Number.isFinite(value) ? Math.min(Math.max(value, lowest), highest) : otherwise;
  const low = inside(look.low, before.low);
  const high = inside(look.high, before.high);
  const colour = COLOUR.test(look.colour) ? look.colour.toLowerCase() : before.colour;
  return low < high ? { shown: look.shown, colour, low, high } : { ...before, shown: look.shown, colour };
}

/** To a thousandth, and never with an exponent. */
const exact = (value: number): number => Math.round(value * 1000) / 1000;

/** For the link to a view: the channels that are shown, "0:00ff00:120:3000,2:…". */
export const channelsText = (looks: readonly ChannelLook[]): string =>
  looks
    .flatMap(({ shown, colour, low, high }, index) => (shown ? [[index, colour.slice(1), exact(low), exact(high)].join(":")] : []))
    .join(",");

export function readChannels(text: string, channels: readonly Channel[]): ChannelLook[] {
  const looks = asScanned(channels).map((look) => ({ ...look, shown: false }));
  for (const part of text.split(",")) {
    const [index, colour, low, high] = part.split(":");
    const channel = channels[Number(index)];
    if (channel === undefined || index === "" || colour === undefined) continue;
    const before = looks[Number(index)]!;
    const wanted = { shown: true, colour: `#${colour}`, low: number(low), high: number(high) };
    looks[Number(index)] = sane(channel, wanted, before);
  }
  return looks.some((look) => look.shown) ? looks : asScanned(channels);
}

const number = (text: string | undefined): number => (text === undefined || text.trim() === "" ? NaN : Number(text));

/** Told apart by who sees red and green alike. */
const DISTINCT = ["#ff00ff", "#00ff00", "#00a0ff", "#ffb000", "#ffffff", "#00ffff"] as const;

export const distinctColours = (looks: readonly ChannelLook[]): ChannelLook[] =>
  looks.map((look, index) => ({ ...look, colour: DISTINCT[index % DISTINCT.length]! }));
