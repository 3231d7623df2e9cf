import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's own folder, with a slash at the end. */
export const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** A page of documentation. */
export interface Page {
  /** From the repository's root. */
  path: string;
  text: string;
}

/** A fenced block of code on a page. */
export interface CodeBlock {
  page: string;
  /** Where it begins; the fence is on the line before. */
  line: number;
  language: string;
  text: string;
}

const patterns = [
  "*.md",
  "docs/**/*.md",
  "packages/*/README.md",
  "apps/*/README.md",
  "bench/README.md",
  "deploy/README.md",
];

export const pages: readonly Page[] = globSync(patterns, { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));

const fence = /^ *```(\S*)[^\n]*\n(.*?)^ *```/gms;

/** Every fenced block of a page. */
export function codeBlocks({ path, text }: Page): CodeBlock[] {
  return [...text.matchAll(fence)].map(({ 1: language = "", 2: code = "", index }) => ({
    page: path,
    line: lineAt(text, index) + 1,
    language,
    text: code,
  }));
}

/** A page's text without its fenced blocks; lines keep their numbers. */
export const prose = ({ text }: Page): string => text.replace(fence, (block) => block.replace(/[^\n]/g, ""));

/** The number of the line at an offset, from 1. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
