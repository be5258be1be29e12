// Keys to actions: a table. Pure apart from the event's type.

/** Told to the document when the slide can be moved. */
export const OPENED = "slide-opened";

export type Action =
  | { readonly do: "pan"; readonly x: number; readonly y: number; readonly far: boolean }
  | { readonly do: "zoom"; readonly by: number }
  | { readonly do: "objective"; readonly value: number }
  | { readonly do: "rotate"; readonly by: number }
  | { readonly do: "focus"; readonly by: number }
  | {
      readonly do:
        | "fit" | "upright" | "flip" | "minimap" | "pin" | "pins" | "keep" | "regions" | "discuss" | "link" | "full-screen" | "help" | "escape"
        | "rejoin" | "chat" | "channels" | "display" | "colours" | "gather" | "present" | "item" | "ink" | "ink-undo";
    };

export interface Stroke {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const PLAIN: Readonly<Record<string, Action>> = {
  "+": { do: "zoom", by: 1.5 },
  "=": { do: "zoom", by: 1.5 },
  "-": { do: "zoom", by: 1 / 1.5 },
  "−": { do: "zoom", by: 1 / 1.5 },
  _: { do: "zoom", by: 1 / 1.5 },
  "0": { do: "fit" },
  "1": { do: "objective", value: 2.5 },
  "2": { do: "objective", value: 5 },
  "3": { do: "objective", value: 10 },
  "4": { do: "objective", value: 20 },
  "5": { do: "objective", value: 40 },
  Home: { do: "fit" },
  u: { do: "upright" },
  x: { do: "flip" },
  m: { do: "minimap" },
  p: { do: "pin" },
  k: { do: "pins" },
  g: { do: "keep" },
  d: { do: "discuss" },
  l: { do: "link" },
  h: { do: "help" },
  "?": { do: "help" },
  c: { do: "chat" },
  n: { do: "channels" },
  o: { do: "display" },
  i: { do: "colours" },
  PageUp: { do: "focus", by: 1 },
  PageDown: { do: "focus", by: -1 },
  "]": { do: "focus", by: 1 },
  "[": { do: "focus", by: -1 },
  Escape: { do: "escape" },
};

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Keys that mean something else in a room, or something only there. */
const ROOM: Readonly<Record<string, Action>> = { g: { do: "gather" }, d: { do: "present" }, j: { do: "item" }, t: { do: "ink" }, z: { do: "ink-undo" } };

/** `room`: F rejoins the presenter there, and Shift + F is the full screen. */
export function actionOf(stroke: Stroke, room: boolean): Action | undefined {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey) return undefined; // the browser's own
  const arrow = ARROWS[stroke.key];
  if (arrow !== undefined) return { do: "pan", x: arrow[0], y: arrow[1], far: stroke.shiftKey };
  const key = stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key;
  if (key === "r") return { do: "rotate", by: stroke.shiftKey ? -15 : 15 };
  if (key === "f") return { do: room && !stroke.shiftKey ? "rejoin" : "full-screen" };
  // On an AZERTY keyboard the digits' row gives &é"'( without Shift: the digits come with it.
  const digit = AZERTY[stroke.key];
  return (room ? ROOM[key] : undefined) ?? PLAIN[digit ?? key];
}

/** What takes the keys while it is there: a dialog, of which Escape is the way out; the end of the session, of the right, of the room. */
const OVER = [":root[data-session=over]", "dialog:modal", ".ended:not([hidden])", "#more-tools:popover-open"];

/** Whether something lies over the slide: no key moves it then, or does anything behind. */
export const overSlide = (page: { querySelector(selectors: string): unknown }): boolean => page.querySelector(OVER.join(", ")) !== null;

const SCROLLING: ReadonlySet<string> = new Set([...Object.keys(ARROWS), "PageUp", "PageDown", "Home"]);

/** Whether a key is the panel's that it is pressed in: there it scrolls, or walks over what stands there. */
export const ofPanel = ({ key }: Pick<Stroke, "key">, target: { closest(selectors: string): unknown }): boolean =>
  SCROLLING.has(key) && target.closest(".panel") !== null;

const AZERTY: Readonly<Record<string, string>> = { "&": "1", é: "2", '"': "3", "'": "4", "(": "5", à: "0" };
