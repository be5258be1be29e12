// The small form under a kept field: it opens with the field taken as it is, and its caption is typed at leisure.

import type { Bench } from "./bench";
import { find } from "./dom";

export class CaptionForm<Field> {
  private field: Field | undefined;
  private sending = false;
  private readonly form: HTMLFormElement;
  private readonly label: HTMLInputElement;

  /**
   * `name`: of the elements `#<name>-form`, `#<name>-label` and `[data-action=<name>-cancel]`. `save` sends what was taken and
   * says whether it is kept: otherwise the form stays with its text.
   */
  constructor(
    name: string,
    private readonly bench: Bench,
    private readonly save: (field: Field, label: string) => Promise<boolean>,
  ) {
    this.form = find(`#${name}-form`, HTMLFormElement);
    this.label = find(`#${name}-label`, HTMLInputElement);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    find(`[data-action=${name}-cancel]`, HTMLButtonElement, this.form).addEventListener("click", () => this.close());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Whether a caption is being typed. */
  get typed(): boolean {
    return this.field !== undefined && this.label.value.trim() !== "";
  }

  focus(): void {
    this.label.focus();
  }

  open(field: Field): void {
    this.field = field;
    this.form.hidden = false;
    this.label.value = "";
    this.focus();
  }

  private close(): void {
    this.field = undefined;
    this.form.hidden = true;
    this.bench.element.focus();
  }

  private async send(): Promise<void> {
    const { field } = this;
    if (field === undefined || this.sending) return;
    this.sending = true;
    try {
      const kept = await this.save(field, this.label.value.trim());
      if (kept && this.field === field) this.close();
    } finally {
      this.sending = false;
    }
  }
}
