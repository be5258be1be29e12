// What was typed and not sent when the session ended, kept in this tab for the same person at the same address: of the forms
// that say so (<form data-keep>), never of one that names a patient or anybody else. It lies there in clear, and computers are
// shared: no longer than needed. Drafts keep their own (drafts.ts).

const PREFIX = "text:";

/** Whom the page was made for; empty: for nobody who is signed in. */
export const person = (): string => document.documentElement.dataset["person"] ?? "";

interface Kept {
  readonly person: string;
  /** Form and field, and what is in it. */
  readonly texts: readonly (readonly [string, string])[];
}

/** Whether what is typed into this form may outlast its session. */
export const isKept = (form: { readonly dataset: Readonly<Record<string, string | undefined>> } | null): boolean =>
  form?.dataset["keep"] !== undefined && form.dataset["draft"] === undefined;

type Field = HTMLTextAreaElement | HTMLInputElement;

function fields(): [string, Field][] {
  return [...document.querySelectorAll<Field>("textarea, input[type=text], input:not([type])")]
    .filter((field) => isKept(field.form) && (field.name || field.id) !== "")
    .map((field) => [`${field.form!.getAttribute("action") ?? field.form!.id} ${field.name || field.id}`, field]);
}

/** Keeps what is in the fields of this page. Returns whether there was anything. */
export function keepTexts(): boolean {
  const texts = fields().filter(([, field]) => field.value !== field.defaultValue).map(([key, field]) => [key, field.value] as const);
  if (texts.length === 0) return false;
  sessionStorage.setItem(PREFIX + location.pathname, JSON.stringify({ person: person(), texts } satisfies Kept));
  return true;
}

/** Puts back what this page held, once; drops what another person left. */
export function restoreTexts(): void {
  for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))) {
    const kept = JSON.parse(sessionStorage.getItem(key)!) as Kept;
    const here = key === PREFIX + location.pathname;
    if (!here && kept.person === person()) continue;
    sessionStorage.removeItem(key);
    if (kept.person !== person()) continue;
    const present = new Map(fields());
    for (const [name, text] of kept.texts) {
      const field = present.get(name);
      if (field === undefined || field.value !== field.defaultValue) continue;
      field.value = text;
      for (let box = field.closest("details"); box !== null; box = box.parentElement?.closest("details") ?? null) box.open = true;
    }
  }
}

export function forgetTexts(): void {
  sessionStorage.removeItem(PREFIX + location.pathname);
}
