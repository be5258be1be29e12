// The sentences of web/locale, in the language of the page. Each entry point gives the files that it needs.

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

/** Where French has a space that no line breaks at: as web/words.py has it. */
const FRENCH = /(?<=\S) (?=[:;?!»%])|(?<=«) /g;

export type Words = (id: string, values?: Record<string, FluentVariable>) => string;

/** The language of the page: fr unless it says otherwise. */
export const language = (): "fr" | "en" => (document.documentElement.lang.startsWith("en") ? "en" : "fr");

export function wordsFrom(texts: { fr: readonly string[]; en: readonly string[] }): Words {
  const bundle = new FluentBundle(language(), { useIsolating: false });
  const french = language() === "fr";
  for (const text of texts[language()]) bundle.addResource(new FluentResource(french ? text.replace(FRENCH, "\u00a0") : text));
  return (id, values) => {
    const pattern = bundle.getMessage(id)?.value;
    // A missing sentence is a fault of ours, caught by a test; the reader sees its name rather than nothing.
    return pattern ? bundle.formatPattern(pattern, values ?? {}) : id;
  };
}

export const number = (value: number, digits: number): string =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);

/** « 14:32 » on the reader's clock: that of all other times on the page, wherever the browser is. */
export const timeOfDay = (at: Date): string => {
  const zone = document.documentElement.dataset["zone"];
  const where = zone === undefined ? {} : { timeZone: zone };
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...where }).format(at);
};
