// The link to a view: #view=x,y,width,height,rotation,flip in level-0 px, 1/256 px exact; and how the slide is shown (Look). Pure.

import { channelsText, readChannels } from "./channels";
import type { ShownChannel } from "./frames";
import { turn, valid, type View } from "./geometry";
import { plainStyle, sameStyle, type Parts } from "./slide";
import type { Style } from "./tile_pictures";

/** To 1/256 px and 1/100 degree, what the room's frames carry too. */
export const rounded = (view: View): View => ({
  x: Math.round(view.x * 256) / 256,
  y: Math.round(view.y * 256) / 256,
  width: Math.round(view.width * 256) / 256,
  height: Math.round(view.height * 256) / 256,
  rotation: Math.round(turn(view.rotation) * 100) / 100,
  flip: view.flip,
});

export function viewText(view: View): string {
  const { x, y, width, height, rotation, flip } = rounded(view);
  return [x, y, width, height, rotation, flip ? 1 : 0].join(",");
}

export function readView(text: string): View | undefined {
  const parts = text.split(",");
  if (parts.length !== 6 || parts.some((part) => part.trim() === "")) return undefined;
  const [x, y, width, height, rotation, flip] = parts.map(Number) as [number, number, number, number, number, number];
  const view = { x, y, width, height, rotation: turn(rotation), flip: flip === 1 };
  return (flip === 0 || flip === 1) && valid(view) ? view : undefined;
}

export const readHash = (hash: string): View | undefined => {
  const text = new URLSearchParams(hash.replace(/^#/, "")).get("view");
  return text === null ? undefined : readView(text);
};

/** How a slide is shown besides where (telepath/geometry.py Look); what is not said is as the slide is opened. */
export interface Look {
  /** The focal plane, from 0, the lowest. */
  readonly z?: number;
  /** As `channelsText` writes them. */
  readonly channels?: string;
  /** Through its colour profile, or as the file has the colours; only where it has one. */
  readonly colours?: "icc" | "off";
}

/** A view with how the slide was shown in it, as the server keeps it. */
export interface Seen extends View {
  readonly look?: Look;
}

export const seenIn = ({ x, y, width, height, rotation, flip }: View, look: Look): Seen => ({
  x, y, width, height, rotation, flip, ...(Object.keys(look).length === 0 ? {} : { look }),
});

/** Nothing of what the slide has but one of, or of what is as it is opened; but its plane is always said. */
export function lookOf(style: Style, slide: Parts, colours?: Look["colours"]): Look {
  const chosen = !sameStyle(style, { ...plainStyle(slide), plane: style.plane });
  return {
    ...(slide.planes.count > 1 ? { z: style.plane } : {}),
    ...(chosen && style.channels.some((look) => look.shown) ? { channels: channelsText(style.channels) } : {}),
    ...(colours === undefined ? {} : { colours }),
  };
}

export function styleOf({ z, channels }: Look, slide: Parts): Style {
  const plain = plainStyle(slide);
  return {
    plane: z !== undefined && Number.isInteger(z) && z >= 0 && z < slide.planes.count ? z : plain.plane,
    channels: channels === undefined ? plain.channels : readChannels(channels, slide.channels),
  };
}

/** "view=…&z=…", as in links. */
export const seenText = (view: View, look: Look): string =>
  [viewText(view), ...Object.entries(look).map(([name, said]) => `${name}=${said}`)].join("&");

/** Without its "#". */
export const fragment = (view: View, look: Look): string => `view=${seenText(view, look)}`;

export function readLook(hash: string): Look {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const [z, channels, colours] = [said.get("z"), said.get("channels"), said.get("colours")];
  return {
    ...(z ? { z: Number(z) } : {}),
    ...(channels === null ? {} : { channels }),
    ...(colours === "icc" || colours === "off" ? { colours } : {}),
  };
}

/** As the room's frames carry it. */
export function wireOf({ plane, channels }: Style, slide: Parts): { plane: number; channels: ShownChannel[] } {
  if (lookOf({ plane, channels }, slide).channels === undefined) return { plane, channels: [] };
  const sample = (value: number): number => Math.min(Math.max(Math.round(value), 0), 65535);
  const shown = channels.flatMap(({ shown, colour, low, high }, number) => {
    const rgb = parseInt(colour.slice(1), 16);
    return shown ? [{ number, red: rgb >> 16, green: (rgb >> 8) & 255, blue: rgb & 255, low: sample(low), high: sample(high) }] : [];
  });
  return { plane, channels: shown.slice(0, 32) };
}

export const lookOfWire = ({ plane, channels }: { plane: number; channels: readonly ShownChannel[] }): Look => ({
  z: plane,
  ...(channels.length === 0 ? {} : { channels: channels.map(wireText).join(",") }),
});

const wireText = ({ number, red, green, blue, low, high }: ShownChannel): string =>
  [number, [red, green, blue].map((byte) => byte.toString(16).padStart(2, "0")).join(""), low, high].join(":");
