import { expect, test, vi } from "vitest";
import type { ViewportFrame } from "../src/frames";
import type { View } from "../src/geometry";
import { Sending } from "../src/sending";
import { Session } from "../src/session";
import { browser, last, nothing } from "./socket";

browser();

const VIEW: View = { x: 1000, y: 1000, width: 800, height: 400, rotation: 0, flip: false };

/** What Ines tells of a slide that is drawn at `drawn` and moves to `aim`, while `changing` of none. */
function room(): { told: Sending; drawn: View; aim: View; changing: boolean } {
  const session = new Session("r", "Ines", {
    welcome: nothing, fact: nothing, presence: nothing, frame: nothing, presented: nothing, linked: nothing, refused: nothing, state: nothing,
  });
  session.start();
  last().welcome("Ines");
  const shown = { drawn: VIEW, aim: VIEW, changing: false };
  const slideView = { view: () => shown.drawn, target: () => shown.aim, window: () => VIEW, pixelAt: (x: number, y: number) => ({ x, y }) };
  const told = new Sending({ slideView, wire: () => ({ plane: 0, channels: [] }) }, session, () => shown.changing);
  return Object.assign(shown, { told });
}

/** She presents: one sample after the other. */
function sending(): (view: View, target?: View) => ViewportFrame {
  const ines = room();
  return (view, target = view) => {
    [ines.drawn, ines.aim] = [view, target];
    ines.told.sample();
    vi.advanceTimersByTime(40); // one sample of the field
    return last().frames.at(-1) as ViewportFrame;
  };
}

test.each<[string, Partial<View>, Partial<View>]>([
  ["a zoom", { width: 400, height: 200 }, { width: 500, height: 250 }],
  ["a move to the side", { x: 1300 }, { x: 1200 }],
  ["a turn", { rotation: 90 }, { rotation: 60 }],
  ["a turn back past the top", { rotation: 350 }, { rotation: 355 }],
])("%s tells where it ends, and in how many milliseconds", (_, end, half) => {
  const sample = sending();
  expect(sample(VIEW, { ...VIEW, ...end }).target).toMatchObject({ milliseconds: 500 });
  const { target } = sample({ ...VIEW, ...half }, { ...VIEW, ...end });
  const { x, y, width, height, rotation } = { ...VIEW, ...end };
  expect(target).toEqual({
    x: x * 256, y: y * 256, width: width * 256, height: height * 256, rotation: Math.round((rotation / 360) * 65536), milliseconds: 460,
  });
  // A spring that is slower than it says is told no longer.
  vi.advanceTimersByTime(420);
  expect(sample({ ...VIEW, ...half }, { ...VIEW, ...end }).target).toBeNull();
});

test("another turn in the middle of one has all its time", () => {
  const sample = sending();
  sample(VIEW, { ...VIEW, rotation: 90 });
  expect(sample({ ...VIEW, rotation: 30 }, { ...VIEW, rotation: 180 }).target).toMatchObject({ rotation: 32768, milliseconds: 500 });
});

test("a field at rest goes nowhere", () => {
  const sample = sending();
  expect(sample(VIEW).target).toBeNull();
  // What is left of a spring's way is less than anybody sees.
  expect(sample({ ...VIEW, x: 1000.01, rotation: 359.999 }, VIEW).target).toBeNull();
});

test("nor does one that the hand has all the way, however far", () => {
  const sample = sending();
  for (const step of [1, 2, 3]) {
    const view = { ...VIEW, x: 1000 + 90 * step, width: 800 - 100 * step, rotation: 20 * step };
    expect(sample(view)).toMatchObject({ x: view.x * 256, width: view.width * 256, target: null });
  }
});

test("while another slide is being opened neither pointer nor line goes out: they are of the one before", () => {
  const ines = room();
  const stage = new EventTarget() as HTMLElement;
  ines.told.pointAlong(stage);
  const act = (): void => {
    stage.dispatchEvent(Object.assign(new Event("pointermove"), { clientX: 400, clientY: 200 }));
    ines.told.ink({ x: 0, y: 0, plane: 0, exponent: 0, steps: [], gone: false });
    vi.advanceTimersByTime(40);
  };
  ines.changing = true;
  act();
  expect(last().frames).toEqual([]);
  ines.changing = false;
  act();
  expect(new Set(last().frames.map(({ kind }) => kind))).toEqual(new Set(["pointer", "stroke"]));
  // That the pointer has left is no place on any slide.
  ines.changing = true;
  stage.dispatchEvent(new Event("pointerleave"));
  vi.advanceTimersByTime(40);
  expect(last().frames.at(-1)).toMatchObject({ kind: "pointer", gone: true });
});
