// Tiles of one slide in Cache Storage, encrypted: AES-256-GCM under a key of this session and slide, which the server gives.
// Names say nothing: that of a slide's cache is a digest of its key, its entries are numbered packs of tiles and one index.

import { Bounded } from "./bounded";
import { packed, unpacked, type Kept, type Part } from "./warm_plan";

const PREFIX = "ahead-";
const INDEX = "/ahead/index";
const NONCE = 12;
/** Of packs that lie open in memory. */
const OPEN_BYTES = 24 << 20;
const HEADERS = { used: "used", bytes: "bytes", total: "total", mark: "mark" } as const;

/** Whether this browser can keep anything so: both are there in secure contexts alone. */
export const keeps = (): boolean => "caches" in globalThis && "subtle" in (globalThis.crypto ?? {});

/** The caches of all slides that something is kept of. */
export const kept = async (): Promise<string[]> => (await caches.keys()).filter((name) => name.startsWith(PREFIX));

export async function dropOthers(than: ReadonlySet<string>): Promise<void> {
  await Promise.all((await kept()).filter((name) => !than.has(name)).map((name) => caches.delete(name)));
}

const bytesOf = (key: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));

/** What the cache of the slide with this key is called. */
export async function nameOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytesOf(key));
  return PREFIX + Array.from(new Uint8Array(digest).subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What lies open beside the ciphertext: numbers that say nothing of the slide. */
export interface State extends Kept {
  /** Bytes that it is to have. */
  readonly total: number;
  /** Of the plan that is kept whole; empty: none yet. */
  readonly mark: string;
}

export async function stateOf(name: string): Promise<State | undefined> {
  if (!(await caches.has(name))) return undefined;
  const index = await (await caches.open(name)).match(INDEX);
  if (index === undefined) return undefined;
  const number = (header: string): number => Number(index.headers.get(header) ?? 0);
  return { name, used: number(HEADERS.used), bytes: number(HEADERS.bytes), total: number(HEADERS.total), mark: index.headers.get(HEADERS.mark) ?? "" };
}

/** What was chosen to be kept: for a screen of so many device px, so many tiles. */
export interface Plan {
  readonly width: number;
  readonly height: number;
  readonly tiles: number;
}

export class WarmStore {
  /** Undefined: kept before this was written down. */
  plan: Plan | undefined;
  /** Of the plan that is kept whole; empty: none yet. */
  private mark = "";
  /** Name of a tile → its pack. */
  private readonly packs = new Map<string, number>();
  /** Tiles that the server does not have: they are not asked for again. */
  private readonly missing = new Set<string>();
  private next = 0;
  private bytes = 0;
  private readonly open = new Bounded<Promise<Map<string, Blob>>>(OPEN_BYTES, () => 1 << 20);

  private constructor(
    readonly name: string,
    private readonly slide: string,
    private readonly cache: Cache,
    private readonly key: CryptoKey,
  ) {}

  /** Undefined: nothing is kept of it, unless `create`. What cannot be read is thrown away. */
  static async of(slide: string, key: string, create = false): Promise<WarmStore | undefined> {
    const name = await nameOf(key);
    if (!create && !(await caches.has(name))) return undefined;
    const secret = await crypto.subtle.importKey("raw", bytesOf(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    const store = new WarmStore(name, slide, await caches.open(name), secret);
    try {
      await store.readIndex();
    } catch {
      await caches.delete(name);
      return create ? new WarmStore(name, slide, await caches.open(name), secret) : undefined;
    }
    return store;
  }

  get size(): number {
    return this.packs.size;
  }

  /** All that is kept, when it is the whole of a plan. */
  get whole(): (Plan & { readonly mark: string }) | undefined {
    return this.mark === "" || this.plan === undefined ? undefined : { mark: this.mark, ...this.plan };
  }

  has(tile: string): boolean {
    return this.packs.has(tile);
  }

  /** Whether it need not be fetched. */
  done(tile: string): boolean {
    return this.packs.has(tile) || this.missing.has(tile);
  }

  async get(tile: string): Promise<Blob | undefined> {
    const number = this.packs.get(tile);
    if (number === undefined) return undefined;
    let pack = this.open.get(String(number));
    if (pack === undefined) {
      pack = this.pack(number);
      this.open.set(String(number), pack);
    }
    try {
      return (await pack).get(tile);
    } catch {
      this.packs.delete(tile); // thrown away by the browser, or damaged: it is fetched
      return undefined;
    }
  }

  async put(parts: readonly Part[], missing: readonly string[]): Promise<void> {
    for (const tile of missing) this.missing.add(tile);
    if (parts.length === 0) return;
    const number = this.next++;
    const sealed = await this.sealed(String(number), packed(parts));
    await this.cache.put(`/ahead/${number}`, new Response(sealed));
    for (const { name } of parts) this.packs.set(name, number);
    this.bytes += sealed.byteLength;
  }

  /** Without it nothing that was put is found again. */
  async writeIndex(total: number, mark: string, used = Date.now()): Promise<void> {
    const text = JSON.stringify({ packs: [...this.packs], missing: [...this.missing], next: this.next, plan: this.plan });
    const headers = { [HEADERS.used]: String(used), [HEADERS.bytes]: String(this.bytes), [HEADERS.total]: String(total), [HEADERS.mark]: mark };
    const sealed = await this.sealed("index", new TextEncoder().encode(text));
    await this.cache.put(INDEX, new Response(sealed, { headers }));
  }

  /** It was used now: what was not for longest goes first. What is written is as it was read, its mark too: a page that fetches
   * may have completed it since, and an index without those packs is not whole. */
  async touch(): Promise<void> {
    const state = await stateOf(this.name);
    if (state !== undefined) await this.writeIndex(state.total, this.mark);
  }

  private async readIndex(): Promise<void> {
    const answer = await this.cache.match(INDEX);
    if (answer === undefined) return;
    const text = new TextDecoder().decode(await this.opened("index", await answer.arrayBuffer()));
    const index = JSON.parse(text) as { packs: [string, number][]; missing: string[]; next: number; plan?: Plan };
    for (const [tile, number] of index.packs) this.packs.set(tile, number);
    for (const tile of index.missing) this.missing.add(tile);
    this.next = index.next;
    this.plan = index.plan;
    this.mark = answer.headers.get(HEADERS.mark) ?? "";
    this.bytes = Number(answer.headers.get(HEADERS.bytes) ?? 0);
  }

  private async pack(number: number): Promise<Map<string, Blob>> {
    const answer = await this.cache.match(`/ahead/${number}`);
    if (answer === undefined) throw new Error("gone");
    const parts = unpacked(new Uint8Array(await this.opened(String(number), await answer.arrayBuffer())));
    return new Map(parts.map(({ name, bytes }) => [name, new Blob([bytes], { type: "image/jpeg" })]));
  }

  /** A pack opens under its own slide and number alone. */
  private told(what: string): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(`${this.slide} ${what}`);
  }

  private async sealed(what: string, clear: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const secret = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: this.told(what) }, this.key, clear);
    const all = new Uint8Array(NONCE + secret.byteLength);
    all.set(nonce);
    all.set(new Uint8Array(secret), NONCE);
    return all;
  }

  private opened(what: string, all: ArrayBuffer): Promise<ArrayBuffer> {
    const nonce = new Uint8Array(all, 0, NONCE);
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: this.told(what) }, this.key, all.slice(NONCE));
  }
}
