import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "@jest/globals";
import { lineAt, type Page, pages, prose, root } from "./pages.ts";

interface Link {
  target: string;
  line: number;
}

const inlineCode = /`[^`\n]*`/g;

/** `[text](target)`, outside of code. */
function links(page: Page): Link[] {
  const text = prose(page);
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(({ 1: target = "", index }) => ({
    target,
    line: lineAt(text, index),
  }));
}

const isOwn = ({ target }: Link): boolean => !/^[a-z]+:/.test(target);

/** What a heading is called in a link, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

function anchors(path: string): string[] {
  const text = prose({ path, text: readFileSync(root + path, "utf8") });
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

function problemWith(page: Page, { target, line }: Link): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page.path : posix.normalize(posix.join(posix.dirname(page.path), path));
  if (!existsSync(root + file)) {
    return `${page.path}:${line}: ${target}: no such file`;
  }
  return anchor === undefined || anchors(file).includes(anchor)
    ? undefined
    : `${page.path}:${line}: ${target}: no such heading`;
}

test("every link from one page to another leads somewhere", () => {
  const found = pages.flatMap((page) =>
    links(page)
      .filter(isOwn)
      .map((link) => problemWith(page, link)),
  );
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter((problem) => problem !== undefined)).toEqual([]);
});

/** Paths from the root that pages name without a link, as `packages/core/src/env.ts`. */
function namedPaths(page: Page): string[] {
  return [...prose(page).matchAll(inlineCode)]
    .map(([code]) => code.slice(1, -1))
    .filter((code) => /^(packages|apps|docs|scripts|bench)\/[\w./-]+$/.test(code));
}

test("every file that a page names is there", () => {
  const missing = pages.flatMap((page) =>
    namedPaths(page)
      .filter((path) => !existsSync(root + path))
      .map((path) => `${page.path}: ${path}`),
  );
  expect(missing).toEqual([]);
});
