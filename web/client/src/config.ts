// What the pages give to the script (`<script type="application/json">`); made by web/routes/slides.py and rooms.py.

import type { Channel } from "./channels";
import type { ProfileConfig } from "./colours";
import type { Level } from "./pyramid";
import type { Planes, Slide } from "./slide";

export interface SlideConfig {
  readonly id: string;
  readonly label: string;
  readonly stain: string;
  readonly width: number;
  readonly height: number;
  /** µm per level-0 px; null when the file does not say, or says nonsense. */
  readonly mpp: number | null;
  /** Somebody entered it: the file says none that is believed. `scale_by`: who, where that is known. */
  readonly scale_entered?: boolean;
  readonly scale_by?: string;
  readonly levels: readonly Level[];
  /** Empty or absent: a slide in colour. */
  readonly channels?: readonly Channel[];
  readonly planes?: { readonly count: number; readonly spacing_um: number | null };
  /** What lies where nothing was scanned, "#rrggbb". */
  readonly background?: string;
  /** Of its colours. */
  readonly profile?: ProfileConfig;
  /** Under which its tiles may be kept in this browser (warm_store.ts), base64; empty: nothing is. */
  readonly warm?: string;
}

export const planesOf = (config: SlideConfig): Planes => ({ count: config.planes?.count ?? 1, spacing: config.planes?.spacing_um ?? null });

export interface ViewerConfig {
  readonly slide: SlideConfig;
  /** All slides of the case, this one among them. */
  readonly slides: readonly { readonly id: string; readonly label: string; readonly stain: string }[];
  readonly case: { readonly id: string; readonly number: string };
  readonly me: { readonly id: string; readonly name: string; readonly guest: boolean };
  /** Whether this person may leave marks on the slide. */
  readonly may_mark: boolean;
  /** Whether this person may write in the discussion; in a room that has a place of its own. */
  readonly may_discuss?: boolean;
  /** The consult that the slide is looked at for; empty: none. */
  readonly consult: string;
}

export interface RoomConfig extends ViewerConfig {
  readonly room: {
    readonly id: string;
    readonly presenter: string;
    readonly epoch: number;
    readonly opened_by: string;
    /** The names of the others who were asked to come. */
    readonly invited: readonly string[];
    readonly may_point: boolean;
    readonly may_speak: boolean;
    readonly may_present: boolean;
  };
}

export const slideOf = (config: SlideConfig, thumbnail: Slide["thumbnail"], present: NonNullable<Slide["present"]>): Slide => ({
  id: config.id,
  width: config.width,
  height: config.height,
  levels: config.levels,
  tiles: `/slides/${config.id}/tiles/`,
  channels: config.channels ?? [],
  planes: planesOf(config),
  background: config.background ?? "#ffffff",
  warm: config.warm ?? "",
  present,
  thumbnail,
});
