// Entry point of its own, small enough to run long before the viewer's script has come over a thin link: the last key that
// was pressed meanwhile is pressed again when the slide can be moved.

import { actionOf, OPENED } from "./keyboard";

let last: KeyboardEvent | undefined;

const keep = (event: KeyboardEvent): void => {
  const action = actionOf(event, document.body.classList.contains("room"));
  if (action !== undefined) last = action.do === "escape" ? undefined : event;
};

document.addEventListener("keydown", keep);
document.querySelector<HTMLElement>("#stage")?.setAttribute("data-opening", "keys kept");
document.addEventListener(
  OPENED,
  () => {
    document.removeEventListener("keydown", keep);
    if (last !== undefined) (last.target ?? document).dispatchEvent(new KeyboardEvent("keydown", last));
  },
  { once: true },
);
