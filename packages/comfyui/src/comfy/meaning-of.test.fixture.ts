import { stripVTControlCharacters } from "node:util";
import type { LogActions, LogPattern } from "@pyworker/core";

/** What a worker with these actions makes of a line. */
export function meaningOf(
  { onError = [], onFatal = [], onInfo = [], onLoad = [], onSuspect = [] }: LogActions,
  line: string,
): string | undefined {
  const kinds = { fatal: onFatal, error: onError, suspect: onSuspect, load: onLoad, info: onInfo };
  const plain = stripVTControlCharacters(line).trim();
  return Object.entries(kinds).find(([, patterns]) => patterns.some((pattern) => holds(plain, pattern)))?.[0];
}

const holds = (line: string, pattern: LogPattern): boolean =>
  typeof pattern === "string" ? line.includes(pattern) : line.includes(pattern.text) && pattern.line.test(line);
