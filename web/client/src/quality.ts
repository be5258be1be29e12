// Which coding of a tile is asked for, and what is said of the picture on the screen. Pure.

/** reduced: a second, lossy coding, for thin links; native: what the file holds. */
export type Coding = "native" | "reduced";
/** partial: some tiles have not come yet, and those that have are native. */
export type Quality = Coding | "partial";

export interface Circumstances {
  readonly thin: boolean;
  /** The browser can draw the small coding. */
  readonly reduces: boolean;
  /** The person wants the original picture, however long it takes. */
  readonly original: boolean;
  /** The view rests, and has a picture: now it is refined. */
  readonly resting: boolean;
}

export const coding = (now: Circumstances): Coding =>
  now.thin && now.reduces && !now.original && !now.resting ? "reduced" : "native";

/** The finest level that is asked for, device px per px of the level; 0.5 would fetch four times the pixels at ×5 ×10 ×20. */
const FINEST = 0.51;

/** On a thin link a dense screen is served like a plain one until the view rests: a quarter of the bytes. */
export const finest = (now: Circumstances, ratio: number): number => (coding(now) === "reduced" ? FINEST * Math.max(1, ratio) : FINEST);

/** `complete`: all tiles that the window needs are drawn. `capped`: a finer level would be drawn on a wider link. */
export function qualityOf(drawn: Iterable<Coding>, complete: boolean, capped: boolean): Quality {
  for (const one of drawn) if (one === "reduced") return "reduced";
  return !complete ? "partial" : capped ? "reduced" : "native";
}
