// Which of the files that somebody chose make which slide, and what is missing: told before a byte is sent. Pure.
// The server plans again (telepath/uploads/manifest.py), and its sandbox once more.

export interface Chosen {
  /** Relative, with `/` between its parts, as the browser gives it. */
  readonly path: string;
  readonly size: number;
}

export interface Planned<F extends Chosen> {
  readonly name: string;
  readonly files: readonly F[];
}

export type Problem =
  | { readonly kind: "missing-folder"; readonly name: string; readonly folder: string }
  | { readonly kind: "missing-index"; readonly name: string }
  | { readonly kind: "foreign"; readonly name: string; readonly format: string }
  | { readonly kind: "empty-file"; readonly name: string };

export interface Plan<F extends Chosen> {
  readonly slides: readonly Planned<F>[];
  readonly problems: readonly Problem[];
  /** Names of files that are no slide. */
  readonly skipped: readonly string[];
}

const ALONE = new Set([".svs", ".tif", ".tiff", ".ndpi", ".scn", ".bif", ".svslide", ".czi", ".zip"]);
/** Scanners' formats that the service would refuse once they are sent, and what they are called (telepath/slides/foreign.py; a test compares). */
const FOREIGN: Readonly<Record<string, string>> = {
  ".vsi": "VSI", ".ets": "VSI", ".isyntax": "iSyntax", ".i2syntax": "iSyntax", ".kfb": "KFB", ".kfbf": "KFB", ".sdpc": "SDPC",
  ".tmap": "TMAP", ".mds": "MDS", ".mdsx": "MDS", ".nd2": "ND2", ".lif": "LIF", ".oir": "OIR", ".oib": "OIB", ".zvi": "ZVI",
};
/** Nothing of a slide: what file systems and scanners leave beside. */
const NOISE = /^(\..*|thumbs\.db|desktop\.ini|.*\.(txt|xml|log|pdf|jpe?g|png|csv|html?))$/i;

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const suffixOf = (path: string): string => {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot).toLowerCase() : "";
};

export function plan<F extends Chosen>(files: readonly F[]): Plan<F> {
  const slides: Planned<F>[] = [];
  const problems: Problem[] = [];
  const taken = new Set<F>();
  const take = (name: string, own: readonly F[]): void => {
    for (const file of own) taken.add(file);
    slides.push({ name, files: own });
  };
  for (const entry of files.filter((file) => suffixOf(file.path) === ".mrxs")) {
    taken.add(entry);
    const beside = entry.path.slice(0, -".mrxs".length);
    const parts = files.filter((file) => folderOf(file.path) === beside);
    if (parts.length === 0) problems.push({ kind: "missing-folder", name: nameOf(entry.path), folder: nameOf(beside) });
    else if (!parts.some((file) => nameOf(file.path).toLowerCase() === "slidedat.ini")) {
      for (const file of parts) taken.add(file);
      problems.push({ kind: "missing-index", name: nameOf(entry.path) });
    } else take(nameOf(entry.path), [entry, ...parts]);
  }
  for (const entry of files.filter((file) => [".vms", ".vmu"].includes(suffixOf(file.path)))) {
    const parts = files.filter((file) => file !== entry && !taken.has(file) && folderOf(file.path) === folderOf(entry.path));
    take(nameOf(entry.path), [entry, ...parts]);
  }
  const pixels = (file: F): boolean => suffixOf(file.path) === ".ets";
  for (const file of [...files.filter((one) => !pixels(one)), ...files.filter(pixels)]) {
    const suffix = suffixOf(file.path);
    const format = Object.hasOwn(FOREIGN, suffix) ? FOREIGN[suffix] : undefined;
    if (format === undefined || taken.has(file)) continue;
    taken.add(file);
    // The pixels of a VSI lie beside it, in many of these.
    if (pixels(file) && problems.some((one) => one.kind === "foreign" && one.format === format)) continue;
    problems.push({ kind: "foreign", name: nameOf(file.path), format });
  }
  const series = new Map<string, F[]>();
  for (const file of files) {
    if (taken.has(file) || NOISE.test(nameOf(file.path))) continue;
    const suffix = suffixOf(file.path);
    if (suffix === ".dcm" || (suffix === "" && files.length > 1)) {
      const folder = folderOf(file.path);
      series.set(folder, [...(series.get(folder) ?? []), file]);
    } else if (ALONE.has(suffix) || files.length === 1) take(nameOf(file.path), [file]);
  }
  for (const [folder, own] of series) take(nameOf(folder) || nameOf(own[0]?.path ?? ""), own);
  const empty = slides.filter((slide) => slide.files[0]?.size === 0);
  for (const slide of empty) problems.push({ kind: "empty-file", name: slide.name });
  const skipped = files.filter((file) => !taken.has(file)).map((file) => nameOf(file.path));
  return { slides: slides.filter((slide) => !empty.includes(slide)), problems, skipped };
}

/** The data files that MIRAX' Slidedat.ini names. */
export function partsNamed(index: string): string[] {
  const section = /^\s*\[DATAFILE\]\s*$([\s\S]*?)(?=^\s*\[|(?![\s\S]))/m.exec(index)?.[1] ?? "";
  const data = [...section.matchAll(/^\s*FILE_\d+\s*=\s*(.+?)\s*$/gm)].map((match) => match[1] ?? "");
  const indexFile = /^\s*INDEXFILE\s*=\s*(.+?)\s*$/m.exec(index)?.[1];
  return indexFile === undefined ? data : [indexFile, ...data];
}

/** What two choices of the same files have in common, wherever they lie. */
export const sameness = (files: readonly Chosen[]): string =>
  files.map((file) => `${nameOf(file.path)}:${file.size}`).sort().join("\n");

/** Bytes a second, smoothed over half a minute, and how long the rest takes. */
export class Pace {
  private rate = 0;
  private at: number | undefined;
  private sent = 0;

  constructor(private readonly over = 30) {}

  /** `now` in ms. */
  told(sent: number, now: number): void {
    if (this.at !== undefined && sent >= this.sent) {
      const seconds = (now - this.at) / 1000;
      if (seconds < 0.25) return;
      const weight = this.rate === 0 ? 1 : 1 - Math.exp(-seconds / this.over);
      this.rate += weight * ((sent - this.sent) / seconds - this.rate);
    }
    this.at = now;
    this.sent = sent;
  }

  /** After a pause nothing is known of the line. */
  rest(): void {
    this.at = undefined;
    this.rate = 0;
  }

  get perSecond(): number {
    return this.rate;
  }

  /** Seconds for so many bytes; undefined: nobody knows yet. */
  left(bytes: number): number | undefined {
    return this.rate > 0 ? bytes / this.rate : undefined;
  }
}
