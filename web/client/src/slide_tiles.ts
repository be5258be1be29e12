// The tiles of the slide on the screen: in which style and how good they are, when they are refined, and how another plane or
// other channels take their place.

import type OpenSeadragon from "openseadragon";
import type { View } from "./geometry";
import type { LinkSpeed } from "./link_speed";
import { placeKey, type Place } from "./pyramid";
import type { Pushed } from "./pushed";
import { coding, finest, qualityOf, type Quality } from "./quality";
import { sharpness, type Sharpness } from "./sharpness";
import { plainStyle, sameStyle, type Slide } from "./slide";
import type { Style } from "./tile_pictures";
import { NativeTileSource, replace, ThumbnailSource, type Drawn } from "./tile_source";
import { Tiles, type Drawing, type TilesState } from "./tiles";
import type { WarmTiles } from "./warm_tiles";

export interface SlideTilesOptions {
  readonly unreadable: string;
  readonly speed: LinkSpeed;
  /** The person wants the original picture, however long it takes. */
  readonly original: () => boolean;
  readonly onTiles: (state: TilesState) => void;
  /** Tiles that come unasked, in a room. */
  readonly pushed?: Pushed | undefined;
}

/** A view that has not moved for so long rests. */
const REST_MS = 250;
/** Another style is shown when all of its tiles are there, or after this long: then what is missing shows as missing. */
const STYLE_MS = 600;
/** Grey, of glass of which nothing is known yet. */
const GLASS = "#8c8c8c";

export class SlideTiles {
  private readonly tiles: Tiles;
  private readonly source: NativeTileSource;
  private viewer: OpenSeadragon.Viewer | undefined;
  private style: Style;
  /** What is to be shown next, while another style takes its place. */
  private wanted: Style | undefined;
  private gate: Promise<void> | undefined;
  private rest = 0;
  private closed = false;
  private readonly deaf: (() => void) | undefined;

  /** `changed`: what is drawn is another, or otherwise good. */
  constructor(
    private readonly slide: Slide,
    options: SlideTilesOptions,
    private readonly changed: () => void,
  ) {
    this.style = plainStyle(slide);
    this.tiles = new Tiles(slide, {
      style: this.style,
      renew: `/slides/${slide.id}/view`,
      speed: options.speed,
      original: options.original,
      unreadable: options.unreadable,
      report: options.onTiles,
      pushed: options.pushed,
    });
    this.deaf = options.pushed?.listen(() => this.fine());
    this.source = new NativeTileSource(slide, this.tiles, { style: () => this.style, gate: () => this.gate });
  }

  /** What was kept of the slide before it was opened. */
  get warm(): WarmTiles {
    return this.tiles.warm;
  }

  /** Call it as soon as there is a viewer. */
  attach(viewer: OpenSeadragon.Viewer): void {
    this.viewer = viewer;
  }

  close(): void {
    this.closed = true;
    this.deaf?.();
    window.clearTimeout(this.rest);
    this.tiles.close();
  }

  /** The finest level that is asked for at first, device px per px of the level. */
  get finest(): number {
    return finest(this.tiles.circumstances, window.devicePixelRatio);
  }

  look(view: View, downsample: number): void {
    this.tiles.look(view, downsample);
  }

  /** The slide's tiles come last, above the rest. Grey glass is drawn under the small picture only: it would cover it. */
  layers(): OpenSeadragon.TileSourceSpecifier[] {
    return [
      { tileSource: new ThumbnailSource(this.slide), placeholderFillStyle: this.glass },
      { tileSource: this.source },
    ] as unknown as OpenSeadragon.TileSourceSpecifier[];
  }

  /** Nothing fluoresces where nothing is known. */
  private get glass(): string {
    return this.slide.channels.length > 0 ? "#000000" : GLASS;
  }

  /** The slide's own tiles; undefined until it is open. */
  private item(): OpenSeadragon.TiledImage | undefined {
    return this.viewer?.world.getItemAt(1) as OpenSeadragon.TiledImage | undefined;
  }

  /** Whether every tile that the window needs is drawn. */
  fullyDrawn(): boolean {
    const item = this.item();
    return item !== undefined && item.getFullyLoaded() && this.tiles.idle && this.gate === undefined;
  }

  /** Of what the window shows. */
  quality(): Quality {
    const capped = window.devicePixelRatio > 1 && coding(this.tiles.circumstances) === "reduced";
    return qualityOf(this.shown().map(([, drawn]) => drawn.coding), this.fullyDrawn(), capped);
  }

  /** How sharp a field is in what was drawn last; `downsample`: of the window then. While another plane or other channels are
   * on their way, nothing of it is drawn: a field is of those that it was sent with. */
  sharpness(field: View, downsample: number): Sharpness {
    const shown = this.wanted === undefined ? this.shown() : [];
    const drawn = new Map(shown.map(([, { place, coding: kind }]) => [placeKey(place), kind]));
    return sharpness(this.slide.levels, field, this.tiles.level, drawn, downsample);
  }

  /** The person's wishes or the link have changed: what is drawn is looked at again. */
  reconsider(): void {
    this.moved();
    this.changed();
  }

  /** What is on the screen; another may be on its way. */
  get shownStyle(): Style {
    return this.style;
  }

  /** What will be on the screen when all that is on its way is there. */
  get comingStyle(): Style {
    return this.wanted ?? this.style;
  }

  /** Shows another plane, other channels or other windows. What is drawn is of one of them at a time. */
  restyle(style: Style): void {
    const changing = this.wanted !== undefined;
    this.wanted = style;
    if (!changing) void this.changeStyle();
  }

  /** How often each byte of a channel occurs in what was seen of this plane. */
  histogram(channel: number): Uint32Array {
    return this.tiles.histogram(channel);
  }

  /** The slide's tiles that are drawn, and how. */
  private shown(): [OpenSeadragon.Tile, Drawn][] {
    const found: [OpenSeadragon.Tile, Drawn][] = [];
    for (const { tile } of this.item()?.lastDrawn ?? []) {
      const drawn = this.source.drawn.get(tile);
      if (drawn !== undefined && tile.loaded) found.push([tile, drawn]);
    }
    return found;
  }

  /** On a thin link a moving view is drawn from small tiles, and refined when it rests. */
  moved(): void {
    this.tiles.disturb();
    this.fine();
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => this.settle(), REST_MS);
  }

  private fine(): void {
    const item = this.item() as { minPixelRatio: number } | undefined;
    if (item === undefined || item.minPixelRatio === this.finest) return;
    item.minPixelRatio = this.finest;
    this.viewer?.forceRedraw();
  }

  /** Once all is drawn, what is drawn of reduced tiles is refined; then the planes beside this one are fetched. */
  private settle(): void {
    const drawn = this.fullyDrawn();
    if (drawn && this.tiles.resting && this.quality() === "native") {
      this.lookAhead();
      return;
    }
    if (drawn && !this.tiles.resting) {
      this.tiles.resting = true;
      this.fine();
      for (const [tile, { place, coding: kind }] of this.shown()) if (kind === "reduced") this.refine(tile, place);
      this.changed();
    }
    this.rest = window.setTimeout(() => this.settle(), REST_MS);
  }

  private refine(tile: OpenSeadragon.Tile, place: Place): void {
    const done = (drawing: Drawing | undefined): void => {
      if (drawing !== undefined) this.put(tile, place, drawing);
      this.changed();
    };
    this.tiles.request({ place, refining: true, done });
  }

  private put(tile: OpenSeadragon.Tile, place: Place, { picture, coding: kind, style }: Drawing): void {
    if (!tile.loaded || style !== this.style) {
      picture.close();
      return;
    }
    replace(tile, picture);
    this.source.drawn.set(tile, { place, coding: kind, style });
  }

  private lookAhead(): void {
    if (this.tiles.pushing) return; // what comes next is told there
    const { plane } = this.style;
    const beside = [plane + 1, plane - 1].filter((one) => one >= 0 && one < this.slide.planes.count);
    if (beside.length > 0) this.tiles.prefetch(this.shown().map(([, { place }]) => place), beside);
  }

  private async changeStyle(): Promise<void> {
    while (this.wanted !== undefined) {
      const { wanted } = this;
      let open: () => void = () => undefined;
      this.gate = new Promise((resolve) => (open = resolve));
      this.tiles.restyle(wanted);
      const pictures = new Map<OpenSeadragon.Tile, [Place, Drawing]>();
      const asked = this.shown().map(([tile, { place }]) => {
        return new Promise<void>((resolve) => {
          this.tiles.request({
            place,
            done: (drawing) => {
              if (drawing !== undefined) pictures.set(tile, [place, drawing]);
              resolve();
            },
          });
        });
      });
      await Promise.race([Promise.all(asked), new Promise((resolve) => window.setTimeout(resolve, STYLE_MS))]);
      if (this.closed) return;
      this.style = wanted;
      // What is not there in the new style goes: no plane is shown as another.
      for (const tile of [...(this.viewer?.tileCache.getLoadedTilesFor(this.item() ?? null) ?? [])]) {
        const found = pictures.get(tile);
        if (found !== undefined) this.put(tile, ...found);
        else if (this.source.drawn.has(tile)) tile.unload(true);
      }
      this.underlay();
      if (this.wanted === wanted) this.wanted = undefined;
      this.gate = undefined;
      open();
      this.viewer?.forceRedraw();
      this.moved();
      this.changed();
    }
  }

  /** The small picture shows the slide as it was opened; under another style it would lie. */
  private underlay(): void {
    const plain = sameStyle(this.style, plainStyle(this.slide));
    (this.viewer?.world.getItemAt(0) as OpenSeadragon.TiledImage | undefined)?.setOpacity(plain ? 1 : 0);
    const item = this.item() as { placeholderFillStyle: string | null } | undefined;
    if (item !== undefined) item.placeholderFillStyle = plain ? null : this.glass;
  }
}
