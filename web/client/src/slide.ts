// A slide as the viewer knows it: its levels, and what of it can be shown. Pure.

import { asScanned, type Channel, type ChannelLook } from "./channels";
import type { Size } from "./geometry";
import type { Level } from "./pyramid";
import type { Style } from "./tile_pictures";

/** Focal planes, counted from 0, the lowest. */
export interface Planes {
  readonly count: number;
  /** µm from one to the next; null: the file does not say. */
  readonly spacing: number | null;
}

export interface Slide extends Size {
  readonly id: string;
  readonly levels: readonly Level[];
  /** What the names of its tiles are below. */
  readonly tiles: string;
  /** Empty: a picture in colour. */
  readonly channels: readonly Channel[];
  readonly planes: Planes;
  /** What lies where nothing was scanned, "#rrggbb". */
  readonly background: string;
  /** The key of what this browser keeps of it; empty: nothing. */
  readonly warm?: string;
  /** Where the bytes of a tile become what is drawn: colours.ts. */
  readonly present?: (picture: Blob, signal: AbortSignal) => Promise<ImageBitmap>;
  /** The small picture of all of it; undefined: there is none. */
  readonly thumbnail: Promise<ImageBitmap | undefined>;
}

/** What of a slide can be shown one way or another. */
export type Parts = Pick<Slide, "channels" | "planes">;

/** As the slide is shown when it is opened: in the middle plane, where scanners put the focus. */
export const plainStyle = ({ channels, planes }: Parts): Style => ({ plane: planes.count >> 1, channels: asScanned(channels) });

const sameLook = (a: ChannelLook, b: ChannelLook | undefined): boolean =>
  b !== undefined && a.shown === b.shown && a.colour === b.colour && a.low === b.low && a.high === b.high;

export const sameStyle = (a: Style, b: Style): boolean =>
  a.plane === b.plane && a.channels.every((look, index) => sameLook(look, b.channels[index]));
