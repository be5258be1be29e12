// What is kept ahead, in which order, and what goes when there is no room. Pure; warm.ts does it.

/** As GET /warm gives it (web/routes/warming.py). */
export interface WarmSlide {
  readonly id: string;
  /** Base64. */
  readonly key: string;
  /** Another one when there is more to fetch. */
  readonly mark: string;
}

export interface WarmCase {
  readonly id: string;
  readonly slides: readonly WarmSlide[];
}

/** What is kept of one slide; `used`: ms since 1970. */
export interface Kept {
  readonly name: string;
  readonly bytes: number;
  readonly used: number;
}

/** What the browser says of its line, where it says anything. */
export interface Line {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
  readonly type?: string;
}

/** Tiles of one request. */
export const AT_ONCE = 25;
const MOST_BYTES = 256 << 20;
/** Of what the browser would give to this site. */
const SHARE = 0.25;

/** The case of this page first, then as the server has them: the most urgent first. */
export function inOrder(cases: readonly WarmCase[], here: string): WarmSlide[] {
  const first = cases.filter((one) => one.id === here);
  const rest = cases.filter((one) => one.id !== here);
  return [...first, ...rest].flatMap((one) => one.slides);
}

/** Bytes; `quota`: what the browser would give to this site. */
export const room = (quota: number | undefined): number => Math.min(MOST_BYTES, quota === undefined ? MOST_BYTES : quota * SHARE);

/** Nothing is fetched ahead over a line that somebody pays for by the byte, or that is hardly one. 3G is what browsers call any
 * line with 270 ms there and back: those are the ones that this is for. */
export const spares = (line: Line | undefined): boolean =>
  line !== undefined && (line.saveData === true || line.type === "cellular" || ["slow-2g", "2g"].includes(line.effectiveType ?? ""));

/** In the order given, without what is there already. */
export function requests(names: readonly string[], there: (name: string) => boolean): string[][] {
  const wanted = [...new Set(names)].filter((name) => !there(name));
  const found: string[][] = [];
  for (let from = 0; from < wanted.length; from += AT_ONCE) found.push(wanted.slice(from, from + AT_ONCE));
  return found;
}

/**
 * What goes so that `bytes` more of `name` find room: first what is of no slide of `order`, then what comes after it there, the
 * longest unused first. Undefined: there is no room even so.
 */
export function goes(kept: readonly Kept[], order: readonly string[], name: string, bytes: number, limit: number): string[] | undefined {
  const place = order.indexOf(name);
  const stays = (one: Kept): boolean => one.name === name || (order.includes(one.name) && order.indexOf(one.name) < place);
  let total = bytes + kept.reduce((sum, one) => sum + one.bytes, 0);
  const gone: string[] = [];
  const free = kept.filter((one) => !stays(one)).sort((a, b) => Number(order.includes(a.name)) - Number(order.includes(b.name)) || a.used - b.used);
  for (const one of free) {
    if (total <= limit) break;
    gone.push(one.name);
    total -= one.bytes;
  }
  return total <= limit ? gone : undefined;
}

/** A tile as it lies in a pack. */
export interface Part {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const HEAD = 4;

/** Length of the names (u32, big endian), the names and lengths as JSON, and the tiles one after the other. */
export function packed(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const names = new TextEncoder().encode(JSON.stringify(parts.map(({ name, bytes }) => [name, bytes.length])));
  const all = new Uint8Array(HEAD + names.length + parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  new DataView(all.buffer).setUint32(0, names.length);
  all.set(names, HEAD);
  let at = HEAD + names.length;
  for (const { bytes } of parts) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return all;
}

export function unpacked(all: Uint8Array<ArrayBuffer>): Part[] {
  let at = HEAD + new DataView(all.buffer, all.byteOffset).getUint32(0);
  const names = JSON.parse(new TextDecoder().decode(all.subarray(HEAD, at))) as [string, number][];
  return names.map(([name, length]) => ({ name, bytes: all.subarray(at, (at += length)) }));
}
