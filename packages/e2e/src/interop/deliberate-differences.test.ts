import { expect, test } from "@jest/globals";
import { pages } from "../docs/pages.ts";
import { caseNames } from "./cases/case-names.ts";
import { deliberateDifferences, sightings } from "./deliberate-differences.ts";

const repeated = (names: readonly string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index);

/** The headings of docs/differences.md that have a table, each with the rows of its table: id, reference, ours, why. */
function readPage(): Record<string, string[][]> {
  const text = pages.find(({ path }) => path === "docs/differences.md")?.text ?? "";
  const tables = text
    .split(/^## /m)
    .slice(1)
    .map(readSection)
    .filter(([, rows]) => rows.length > 0);
  return Object.fromEntries(tables);
}

function readSection(section: string): [heading: string, rows: string[][]] {
  const [heading = "", ...lines] = section.split("\n");
  const rows = lines.filter((line) => line.startsWith("| `"));
  return [heading, rows.map((row) => row.slice(2, -2).split(" | ").map(trim))];
}

const trim = (cell: string): string => cell.trim();

test("docs/differences.md lists every deliberate difference with its reason, and no other", () => {
  const listed = Object.entries(deliberateDifferences).map(([heading, differences]) => [
    heading,
    differences.map(({ id, ours, reference, why }) => [`\`${id}\``, reference, ours, why]),
  ]);
  expect(readPage()).toEqual(Object.fromEntries(listed));
});

test("every deliberate difference is listed once, and seen somewhere", () => {
  const all = Object.values(deliberateDifferences).flat();
  expect(repeated(all.map(({ id }) => id))).toEqual([]);
  expect(all.filter(({ seen }) => seen.length === 0).map(({ id }) => id)).toEqual([]);
});

test("every difference is seen in something that is done to both workers, and for one reason", () => {
  expect(repeated(caseNames)).toEqual([]);
  expect(sightings.filter((sighting) => !caseNames.includes(sighting.in)).map((sighting) => sighting.in)).toEqual([]);
  expect(repeated(sightings.map((sighting) => `${sighting.field}, when ${sighting.in}`))).toEqual([]);
});
