import { readFileSync } from "node:fs";
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { expect, test } from "vitest";
import { whyRefused } from "../src/refusal";

const room = new URL("../src/room.ts", import.meta.url);

/** The words of the live session, as room.ts loads them. */
function wordsOf(language: "fr" | "en"): (id: string, values?: Record<string, FluentVariable>) => string {
  const bundle = new FluentBundle(language, { useIsolating: false });
  for (const [, file] of readFileSync(room, "utf8").matchAll(new RegExp(`"(../../locale/${language}/[a-z_]+\\.ftl)"`, "g"))) {
    bundle.addResource(new FluentResource(readFileSync(new URL(file!, room), "utf8")));
  }
  return (id, values) => bundle.formatPattern(bundle.getMessage(id)?.value ?? id, values ?? {});
}

const REFUSED: [string, Record<string, string | number>, string, string][] = [
  ["error-text-patient", { field: "line" }, "Le champ « Message » contient un numéro", "The field “Message” holds a social"],
  ["error-text-control", { field: "item" }, "Le champ « Point de l’ordre du jour » contient", "The field “Agenda item” holds"],
  ["error-text-too-long", { field: "item", limit: 120 }, "dépasse 120 caractères", "exceeds 120 characters"],
  ["error-field-missing", { field: "item" }, "Le champ « Point de l’ordre du jour » est obligatoire.", "The field “Agenda item” is required."],
  ["error-not-found", {}, "n’existe plus, ou ne vous est pas ouvert.", "is gone, or is not open to you."],
  ["error-forbidden", {}, "Cette action ne vous revient pas.", "This action is not yours to take."],
  ["error-unavailable", { what: "database" }, "La base de données ne répond pas", "The database does not answer"],
  ["error-unavailable", { what: "" }, "Un service dont telepath a besoin", "A service that telepath needs"],
];

test.each(REFUSED)("%s %o is said in words, and its field by its name", (code, params, french, english) => {
  expect(whyRefused(wordsOf("fr"), { code, params })).toContain(french);
  expect(whyRefused(wordsOf("en"), { code, params })).toContain(english);
});
