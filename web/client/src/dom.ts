// Finding and making elements, typed. Text is always text: nothing here parses HTML.

export function find<E extends HTMLElement>(selector: string, kind: new () => E, within: ParentNode = document): E {
  const element = within.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`the page lacks ${selector}`);
  return element;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: { class?: string; text?: string; title?: string; label?: string } = {},
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (properties.class !== undefined) element.className = properties.class;
  if (properties.text !== undefined) element.textContent = properties.text;
  if (properties.title !== undefined) element.title = properties.title;
  if (properties.label !== undefined) element.setAttribute("aria-label", properties.label);
  element.append(...children);
  return element;
}

/** A picture of web/templates/bench.html, for a button that has a name of its own. */
export function iconOf(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  icon.classList.add("icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  icon.append(use);
  return icon;
}

/** A text that is read out when it changes: set again as it is, it would be read out again. */
export function tell(element: Pick<HTMLElement, "textContent">, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides. Whose focus was inside goes on at `next`: it would be nowhere. */
export function hide(element: HTMLElement, hidden: boolean, next: HTMLElement): void {
  if (hidden && element.contains(document.activeElement)) next.focus();
  element.hidden = hidden;
}

/** Lets a button be pressed, or not. Whose focus was on it goes on at `next`: one that is disabled takes no key. */
export function disable(button: HTMLButtonElement, disabled: boolean, next: HTMLElement): void {
  if (disabled && button === document.activeElement) next.focus();
  button.disabled = disabled;
}

/** Takes it away. Whose focus was inside goes on at `next`. */
export function drop(element: HTMLElement, next: HTMLElement): void {
  hide(element, true, next);
  element.remove();
}

export function readConfig<T>(id: string): T {
  return JSON.parse(find(`#${id}`, HTMLScriptElement).textContent) as T;
}

/** A sentence for a few seconds at the bottom of the slide, read out politely. */
export function say(text: string, lasting = false): void {
  const line = shown(text);
  if (!lasting) window.setTimeout(() => line.remove(), 5000);
}

/** A sentence with something to do about it; it stays for twenty seconds. */
export function ask(text: string, answer: { readonly text: string; readonly act: () => void }): void {
  const line = shown(text);
  const button = make("button", { class: "act", text: answer.text });
  button.type = "button";
  button.addEventListener("click", () => {
    line.remove();
    answer.act();
  });
  line.append(" ", button);
  window.setTimeout(() => line.remove(), 20_000);
}

function shown(text: string): HTMLElement {
  const line = make("p", { class: "message", text });
  find("#messages", HTMLElement).replaceChildren(line);
  return line;
}
