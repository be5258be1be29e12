import { readFileSync, readdirSync } from "node:fs";
import { FluentResource } from "@fluent/bundle";
import { expect, test } from "vitest";

const locale = new URL("../../locale/", import.meta.url);
const ids = (language: string, file: string): Set<string> =>
  new Set(new FluentResource(readFileSync(new URL(`${language}/${file}`, locale), "utf8")).body.map((message) => message.id));

const AREAS = ["viewer.ftl", "rooms.ftl", "refusals.ftl", "live.ftl", "session.ftl", "warm.ftl"];

test.each(AREAS)("%s has the same sentences in French and English", (file) => {
  expect([...ids("fr", file)].sort()).toEqual([...ids("en", file)].sort());
});

test("every sentence that a script names is there", () => {
  const known = new Set(AREAS.flatMap((file) => [...ids("fr", file)]));
  const source = new URL("../src/", import.meta.url);
  const named = readdirSync(source)
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => readFileSync(new URL(name, source), "utf8").match(/"(?:viewer|rooms|live|session|error-room)-[a-z0-9-]+"/g) ?? [])
    .map((text) => text.slice(1, -1))
    .filter((name) => name !== "viewer-config" && !name.endsWith("-"));
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
