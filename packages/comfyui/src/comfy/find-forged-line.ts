import { stripVTControlCharacters } from "node:util";
import type { LogActions, LogPattern } from "@pyworker/core";

/** A longer line of a log is not compared with an expression. */
const longestLine = 2000;

/**
 * A line in a request that would mean something in the log of a server which repeats it. ComfyUI prints a value that is
 * not in a list as it came, line breaks included, and no expression can tell such a line from ComfyUI's own.
 */
export function findForgedLine(
  request: unknown,
  { onError, onFatal, onLoad, onSuspect }: LogActions,
): string | undefined {
  const patterns = [onFatal, onError, onLoad, onSuspect].flatMap((list) => list ?? []);
  for (const text of textsOf(request)) {
    for (const pattern of patterns) {
      const line = findLine(text, pattern);
      if (line !== undefined) {
        return line;
      }
    }
  }
  return undefined;
}

/** All texts in it, the names of fields among them: a node's id is printed as well. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, item]) => [name, ...textsOf(item)]);
}

/** Looks at lines that a line break begins: what stands before the first of them follows words of the server. */
function findLine(text: string, pattern: LogPattern): string | undefined {
  const { line: shape, text: part } = typeof pattern === "string" ? { line: /^/, text: pattern } : pattern;
  for (let at = text.indexOf(part); at !== -1; ) {
    const start = text.lastIndexOf("\n", at) + 1;
    const end = text.indexOf("\n", at);
    const line = text.slice(start, end === -1 ? text.length : end);
    const plain = line.length > longestLine ? "" : stripVTControlCharacters(line).trim();
    if (start > 0 && plain !== "" && shape.test(plain)) {
      return plain;
    }
    at = end === -1 ? -1 : text.indexOf(part, end);
  }
  return undefined;
}
