// Ready text for the fields of a form, put in by a button: <button data-insert='{"remarks": "…"}'>. Without script the button
// sends the form, and the text comes back in it (consults/templates.py has the same rules).

/** What is added comes behind what is there, on a line of its own; what is there already is not added again. */
export function behind(held: string, added: string): string {
  if (held.includes(added)) return held;
  return held.trim() === "" ? added : `${held.trimEnd()}\n${added}`;
}

export function offerInsertions(root: ParentNode = document): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-insert]")) {
    button.addEventListener("click", (event) => {
      const form = button.form;
      if (form === null) return;
      event.preventDefault();
      let first: HTMLTextAreaElement | undefined;
      for (const [name, text] of Object.entries(JSON.parse(button.dataset["insert"]!) as Record<string, string>)) {
        const field = form.elements.namedItem(name);
        if (!(field instanceof HTMLTextAreaElement)) continue;
        field.value = behind(field.value, text);
        field.dispatchEvent(new Event("input", { bubbles: true }));
        first ??= field;
      }
      first?.focus();
    });
  }
}
