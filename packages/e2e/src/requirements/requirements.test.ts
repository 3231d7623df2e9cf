import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { requirements } from "./index.ts";

const source = fileURLToPath(new URL("../", import.meta.url));
const scenarioFiles = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.(e2e|interop|soak)\.ts$/.test(name),
);

/** The ids in the first argument of every `verifies(…)`. */
function citedIds(text: string): string[] {
  const lists = text.matchAll(/verifies\(\s*\[([^\]]*)\]/g);
  return [...lists].flatMap(([, list = ""]) => [...list.matchAll(/"([^"]+)"/g)].map(([, id = ""]) => id));
}

const cited = new Set(scenarioFiles.flatMap((name) => citedIds(readFileSync(source + name, "utf8"))));
const ids: readonly string[] = requirements.map(({ id }) => id);

test("every requirement has a scenario", () => {
  expect(ids.filter((id) => !cited.has(id))).toEqual([]);
});

test("every scenario names requirements that exist", () => {
  expect([...cited].filter((id) => !ids.includes(id))).toEqual([]);
});

test("no id comes twice, and each says what must hold and where that is written", () => {
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(requirements.filter(({ behaviour, source: from }) => behaviour.length < 10 || from.length < 2)).toEqual([]);
});
