// The picture of one tile: fetched or kept, of one coding or another, as it came or composed of channels. Which tile is drawn
// when is for tiles.ts to say.

import { Bounded } from "./bounded";
import { compose, histogram, table, type Channel, type ChannelLook, type Grey } from "./channels";
import type { PushedTile } from "./pushed";
import type { Level, Place } from "./pyramid";
import type { Coding } from "./quality";
import { TileCarrier, typeOf, type Answer } from "./tile_carrier";
import { tileName } from "./tile_names";
import { unreadable } from "./unreadable";
import type { WarmTiles } from "./warm_tiles";

export interface TileAddresses {
  readonly id: string;
  readonly levels: readonly Level[];
  /** What the names of all tiles are below. */
  readonly tiles: string;
  /** The key of what this browser keeps of it; empty or absent: nothing. */
  readonly warm?: string;
  /** Empty: the tiles are pictures in colour. */
  readonly channels: readonly Channel[];
  /** Where the bytes of a tile in colour become what is drawn; absent: as they are. */
  readonly present?: (picture: Blob, signal: AbortSignal) => Promise<ImageBitmap>;
}

/** What of the slide is shown: its focal plane, and its channels in their windows. */
export interface Style {
  readonly plane: number;
  readonly channels: readonly ChannelLook[];
}

const PICTURE_BYTES = 48 << 20;
const GREY_BYTES = 128 << 20;
/** So many reduced tiles in a row that could not be had or drawn, and they are asked for no more. */
const GIVE_UP = 3;

const asItIs = (picture: Blob): Promise<ImageBitmap> => createImageBitmap(picture, { colorSpaceConversion: "none" });

/** What is drawn of a tile, and how it came. */
export interface Drawing {
  readonly picture: ImageBitmap;
  readonly coding: Coding;
  readonly style: Style;
}

/** One answer, or what is drawn of it. */
interface Part {
  readonly coding: Coding;
  readonly picture?: Blob;
  readonly grey?: Grey;
}

/** Why there is no picture. */
export class Missing extends Error {
  constructor(readonly answer: Answer) {
    super(`status ${answer.status}`);
  }
}

const worse = (a: Coding, b: Coding): Coding => (a === "reduced" ? a : b);

export class TilePictures {
  readonly carrier: TileCarrier;
  private readonly pictures = new Bounded<Blob>(PICTURE_BYTES, (one) => one.size);
  private readonly greys = new Bounded<Grey>(GREY_BYTES, (one) => one.bytes.length);
  private tables: readonly Uint8Array[] = [];
  private reducedFailed = 0;

  constructor(
    private readonly slide: TileAddresses,
    private style: Style,
    private readonly unreadableText: string,
    /** What was pushed, by name. */
    private readonly pushed: (name: string) => PushedTile | undefined,
    private readonly warm: WarmTiles,
  ) {
    this.carrier = new TileCarrier(slide.tiles);
    this.restyle(style);
  }

  /** Whether the reduced coding can be had and drawn, for all that is known. */
  get reduces(): boolean {
    return this.reducedFailed < GIVE_UP;
  }

  /** Whether a tile can be drawn without asking for it: in `kind`, or better. */
  here(place: Place, kind: Coding): boolean {
    return this.shown().every((channel) => {
      const names = this.names(place, this.style.plane, channel, kind);
      return names.some(([name]) => this.greys.has(name) || this.pictures.has(name) || this.warm.has(name) || this.pushed(name) !== undefined);
    });
  }

  /** How many requests a tile takes. */
  get parts(): number {
    return Math.max(1, this.shown().length);
  }

  /** Returns whether other tiles must be fetched for it. */
  restyle(style: Style): boolean {
    const parts = (one: Style): string => `${one.plane} ${one.channels.map((look) => look.shown).join()}`;
    const others = parts(style) !== parts(this.style);
    this.style = style;
    this.tables = this.slide.channels.map((channel, index) => table(channel, style.channels[index]!));
    return others;
  }

  /** Rejects with `Missing` when the server has no picture, otherwise when the link fails. */
  async draw(place: Place, kind: Coding, signal: AbortSignal): Promise<Drawing> {
    const { tile_width: width, tile_height: height } = this.slide.levels[place.level]!;
    const channels = this.shown();
    try {
      const parts = await Promise.all(channels.map((channel) => this.part(place, this.style.plane, channel, kind, signal)));
      const { style } = this; // the windows may be others than when it began; other tiles would have ended this
      const worst = parts.reduce<Coding>((all, part) => worse(all, part.coding), "native");
      const [first] = parts;
      if (first?.picture !== undefined) return { picture: await this.presented(place, first, signal), coding: worst, style };
      const greys = parts.map((part) => part.grey!);
      const size = greys[0] ?? { width, height }; // no channel is shown: black
      const rgba = compose(size, greys, channels.map((channel) => this.tables[channel!]!));
      return { picture: await createImageBitmap(new ImageData(rgba, size.width, size.height)), coding: worst, style };
    } catch (why) {
      if (!(why instanceof Missing) || why.answer.status !== 422) throw why;
      return { picture: await unreadable(width, height, this.unreadableText), coding: "native", style: this.style };
    }
  }

  /** Fetches tiles of other planes, in the order given. */
  async prefetch(places: readonly Place[], planes: readonly number[], kind: Coding, signal: AbortSignal): Promise<void> {
    const wanted = planes.flatMap((plane) => places.map((place) => ({ plane, place })));
    const fetcher = async (): Promise<void> => {
      while (wanted.length > 0 && !signal.aborted) {
        const some = wanted.splice(0, Math.ceil(this.carrier.least / this.parts));
        const asked = some.flatMap(({ place, plane }) => this.shown().map((channel) => this.part(place, plane, channel, kind, signal)));
        await Promise.allSettled(asked);
      }
    };
    // What fails is fetched when it is needed, and its failure is told then.
    await Promise.all([fetcher(), fetcher(), fetcher()]);
  }

  /** How often each byte occurs in what was seen of a channel in this plane. */
  histogram(channel: number): Uint32Array {
    const mark = `_c${channel}`;
    const plane = this.style.plane > 0 ? `_z${this.style.plane}_` : "";
    return histogram([...this.greys.entries()].flatMap(([name, grey]) =>
      name.replace(".avif", "").endsWith(mark) && (plane === "" ? !name.includes("_z") : name.includes(plane)) ? [grey] : []));
  }

  /** The channels to fetch; of a slide without channels one that has no number. */
  private shown(): (number | undefined)[] {
    if (this.slide.channels.length === 0) return [undefined];
    return this.style.channels.flatMap((look, index) => (look.shown ? [index] : []));
  }

  private async presented(place: Place, part: Part, signal: AbortSignal): Promise<ImageBitmap> {
    const present = this.slide.present ?? asItIs;
    try {
      return await present(part.picture!, signal);
    } catch (why) {
      if (signal.aborted) throw why;
      if (part.coding === "native") throw new Missing({ status: 422 }); // bytes that are no picture
      this.reducedFailed += 1;
      const native = await this.part(place, this.style.plane, undefined, "native", signal);
      return present(native.picture!, signal);
    }
  }

  /** What serves for `kind`, the best first. */
  private names(place: Place, plane: number, channel: number | undefined, kind: Coding): readonly (readonly [string, Coding])[] {
    const native = [tileName(place, plane, channel, "native"), "native"] as const;
    return kind === "native" ? [native] : [native, [tileName(place, plane, channel, kind), kind]];
  }

  /** Of the kept, pushed and warm ones the best; otherwise fetched, native where the reduced coding cannot be had. */
  private async part(place: Place, plane: number, channel: number | undefined, kind: Coding, signal: AbortSignal): Promise<Part> {
    const native = tileName(place, plane, channel, "native");
    const name = tileName(place, plane, channel, kind);
    if (!this.warm.settled) await this.warm.ready;
    for (const [kept, of] of this.names(place, plane, channel, kind)) {
      const grey = this.greys.get(kept);
      const picture = this.pictures.get(kept);
      if (grey !== undefined) return { grey, coding: of };
      if (picture !== undefined) return { picture, coding: of };
      const here = await this.unasked(kept);
      if (here === undefined) continue;
      if (channel === undefined) {
        if (this.pushed(kept) === undefined) this.pictures.set(kept, here);
        return { picture: here, coding: of };
      }
      const opened = await greyOf(here);
      if (opened === undefined) continue;
      this.greys.set(kept, opened);
      return { grey: opened, coding: of };
    }
    let answer = await this.carrier.get(name, signal);
    let got = kind;
    if (kind === "reduced" && answer.picture === undefined && answer.status !== 422 && answer.building !== true) {
      answer = await this.carrier.get(native, signal);
      got = "native";
      if (answer.picture !== undefined) this.reducedFailed += 1;
    } else if (kind === "reduced" && answer.picture !== undefined) this.reducedFailed = 0;
    if (answer.picture === undefined) throw new Missing(answer);
    const kept = tileName(place, plane, channel, got);
    if (channel === undefined) {
      this.pictures.set(kept, answer.picture);
      return { picture: answer.picture, coding: got };
    }
    const grey = await greyOf(answer.picture);
    if (grey !== undefined) {
      this.greys.set(kept, grey);
      return { grey, coding: got };
    }
    if (got === "native") throw new Missing({ status: 422 });
    this.reducedFailed += 1;
    return this.part(place, plane, channel, "native", signal);
  }

  /** What was pushed or kept ahead of a tile; undefined: nothing. Rejects with `Missing`: it was pushed as unreadable. */
  private async unasked(name: string): Promise<Blob | undefined> {
    const pushed = this.pushed(name);
    if (pushed === undefined) return this.warm.has(name) ? this.warm.get(name) : undefined;
    if (pushed.bytes === undefined) throw new Missing({ status: 422 });
    return new Blob([pushed.bytes], { type: typeOf(name) });
  }
}

const reading = { canvas: undefined as OffscreenCanvas | undefined };

/** The bytes of a grey picture; undefined: it is none. */
async function greyOf(picture: Blob): Promise<Grey | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture, { colorSpaceConversion: "none" });
  } catch {
    return undefined;
  }
  const { width, height } = bitmap;
  const canvas = (reading.canvas ??= new OffscreenCanvas(width, height));
  if (canvas.width < width) canvas.width = width;
  if (canvas.height < height) canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(width * height);
  for (let pixel = 0; pixel < bytes.length; pixel++) bytes[pixel] = data[4 * pixel]!;
  return { width, height, bytes };
}
