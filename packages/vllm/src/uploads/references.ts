import { parseJson } from "@pyworker/core";
import { isObject } from "@pyworker/llm";
import { z } from "zod";
import { megabytes, mostBytesInFile } from "./limits.ts";
import { isAbsent } from "./read-files.ts";

const inline = /^data:/i;
const remote = /^https?:\/\//i;
/** Base64 takes a third more than the bytes, and the head of the URI a little. */
const longestInline = Math.ceil((mostBytesInFile * 4) / 3) + 1024;

/**
 * The addresses of files that the engine fetches: one or a list, each as it is or as an object that has it under `key`.
 * A form has such objects as text.
 */
export const referencesSchema = (key?: string) =>
  z
    .unknown()
    .optional()
    .transform((field, context): string[] => {
      const value = key !== undefined && typeof field === "string" ? jsonOr(field) : field;
      const items: readonly unknown[] = isAbsent(value) ? [] : Array.isArray(value) ? value : [value];
      return items.flatMap((item, index) => {
        const isHolder = key !== undefined && isObject(item);
        const address = isHolder ? item[key] : item;
        const message = faultOf(address);
        if (message === undefined) {
          return [String(address)];
        }
        const start = Array.isArray(value) ? [index] : [];
        context.addIssue({ code: "custom", message, path: isHolder ? [...start, key] : start });
        return [];
      });
    });

/** A `file:` would be one of the engine's own machine. */
function faultOf(address: unknown): string | undefined {
  if (typeof address !== "string" || !(inline.test(address) || remote.test(address))) {
    return "expected an address of http:, https: or data:";
  }
  const isLong = inline.test(address) && address.length > longestInline;
  return isLong ? `at most ${megabytes(mostBytesInFile)} in a data: URI` : undefined;
}

function jsonOr(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
