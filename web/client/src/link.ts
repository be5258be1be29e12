// The link to a view: #view=x,y,width,height,rotation,flip in level-0 px, 1/256 px exact; and where the slide has them the focal
// plane (&z=, from 0) and the channels that are shown (&channels=). Pure.

import { channelsText, readChannels } from "./channels";
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

/** Without its "#". */
export function fragment(view: View, style: Style, slide: Parts): string {
  const parts = [`view=${viewText(view)}`];
  if (slide.planes.count > 1) parts.push(`z=${style.plane}`);
  if (!sameStyle(style, { ...plainStyle(slide), plane: style.plane })) parts.push(`channels=${channelsText(style.channels)}`);
  return parts.join("&");
}

/** What the link says of plane and channels; what it does not say, or says wrongly, is as the slide is opened. */
export function readStyle(hash: string, slide: Parts): Style {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const plain = plainStyle(slide);
  const plane = Number(said.get("z") || NaN);
  const channels = said.get("channels");
  return {
    plane: Number.isInteger(plane) && plane >= 0 && plane < slide.planes.count ? plane : plain.plane,
    channels: channels === null ? plain.channels : readChannels(channels, slide.channels),
  };
}
