// What was typed and not sent when the session ended, or when a link led away for a moment, kept in this tab for the same person
// and the same form: of the forms that say so (<form data-keep>), never of one that names a patient or anybody else. It lies there
// in clear, and computers are shared: no longer than needed. Drafts keep their own (drafts.ts).

const PREFIX = "text:";

/** Whom the page was made for; empty: for nobody who is signed in. */
export const person = (): string => document.documentElement.dataset["person"] ?? "";

interface Kept {
  readonly person: string;
  /** Name or id of a field, what is in it, and whether the page came with it. */
  readonly texts: readonly (readonly [string, string, boolean])[];
}

interface Form {
  readonly id: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  getAttribute(name: string): string | null;
}

/** Whether what is typed into this form may outlast its session. */
export const isKept = (form: Pick<Form, "dataset"> | null): boolean =>
  form?.dataset["keep"] !== undefined && form.dataset["draft"] === undefined;

/** Which form it is, and about what: where it is sent, or where it stands. */
export const nameOf = (form: Form, place: string): string => form.getAttribute("action") ?? `${place}#${form.id}`;

type Field = HTMLTextAreaElement | HTMLInputElement;

function forms(): [string, Field[]][] {
  const kept = [...document.querySelectorAll("form")].filter((form) => isKept(form));
  return kept.map((form) => [
    PREFIX + nameOf(form, location.pathname),
    [...form.querySelectorAll<Field>("textarea, input[type=text], input:not([type])")].filter((field) => keyOf(field) !== ""),
  ]);
}

const keyOf = (field: Field): string => field.name || field.id;

/** Keeps what is in the forms of this page; `all`: also what the page came with, since it may come without. Returns whether there
 * was anything. */
export function keepTexts(all = false): boolean {
  let kept = false;
  for (const [key, fields] of forms()) {
    const texts = fields
      .map((field) => [keyOf(field), field.value, field.value === field.defaultValue] as const)
      .filter(([, text, came]) => (all ? text !== "" : !came));
    if (texts.length === 0) continue;
    sessionStorage.setItem(key, JSON.stringify({ person: person(), texts } satisfies Kept));
    kept = true;
  }
  return kept;
}

/** Keeps it when a link leads away from a form to which it leads back: <a data-keeps>. */
export function keepOnLeaving(): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a[data-keeps]") !== null) keepTexts(true);
  });
}

/** Puts back what the forms of this page held, once; drops what another person left. */
export function restoreTexts(): void {
  const present = new Map(forms());
  for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))) {
    const kept = JSON.parse(sessionStorage.getItem(key)!) as Kept;
    const fields = present.get(key);
    if (fields === undefined && kept.person === person()) continue;
    sessionStorage.removeItem(key);
    if (kept.person !== person()) continue;
    for (const [name, text, came] of kept.texts) {
      const field = fields?.find((one) => keyOf(one) === name);
      if (field === undefined || field.value !== field.defaultValue || (came && field.value !== "")) continue;
      field.value = text;
      for (let box = field.closest("details"); box !== null; box = box.parentElement?.closest("details") ?? null) box.open = true;
    }
  }
}

export function forgetTexts(): void {
  for (const [key] of forms()) sessionStorage.removeItem(key);
}
