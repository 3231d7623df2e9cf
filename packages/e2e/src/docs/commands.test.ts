import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "@jest/globals";
import { type Page, pages, root } from "./pages.ts";

/** The folder behind `--prefix`, and the script. */
const command = /\bnpm (?:--prefix (\S+) )?(?:run )?(start\b|test\b|(?<=run )[\w:-]+)/g;

/** The scripts of a folder's package.json. */
function scriptsOf(folder: string): string[] {
  const file = `${root}${folder}/package.json`;
  return existsSync(file) ? Object.keys(JSON.parse(readFileSync(file, "utf8")).scripts ?? {}) : [];
}

/** The npm scripts a page names that neither its own package nor the repository has. */
function unknownCommands(page: Page): string[] {
  return [...page.text.matchAll(command)]
    .filter(({ 1: folder, 2: script = "" }) => {
      const folders = folder === undefined ? [posix.dirname(page.path), "."] : [folder];
      return !folders.flatMap(scriptsOf).includes(script);
    })
    .map(([text]) => `${page.path}: ${text}`);
}

test("every npm script that a page names exists", () => {
  expect(pages.flatMap(unknownCommands)).toEqual([]);
});

test("a script that doesn't exist would be noticed", () => {
  const text = "`npm run nonsense`, `npm run test:interop`, `npm start`, `npm --prefix apps/custom run nonsense`";
  expect(unknownCommands({ path: "README.md", text })).toEqual([
    "README.md: npm run nonsense",
    "README.md: npm --prefix apps/custom run nonsense",
  ]);
});
