import type { Usage } from "./workload.ts";

const usageKey = '"usage"';

/**
 * Finds the usage in the last part of an answer; undefined where it has none. The whole answer is not parsed: only what
 * follows its last `"usage"` key.
 */
export function findUsage(text: string): Usage | undefined {
  const key = text.lastIndexOf(usageKey);
  const start = key === -1 ? -1 : text.indexOf("{", key + usageKey.length);
  if (start === -1 || text.slice(key + usageKey.length, start).trim() !== ":") {
    return undefined;
  }
  return readUsage(text.slice(start, endOfObject(text, start)));
}

function readUsage(text: string): Usage | undefined {
  try {
    const { completion_tokens: completion, prompt_tokens: prompt, prompt_tokens_details: details } = JSON.parse(text);
    if (!Number.isFinite(prompt)) {
      return undefined;
    }
    return {
      promptTokens: prompt,
      completionTokens: Number.isFinite(completion) ? completion : 0,
      cachedTokens: Number.isFinite(details?.cached_tokens) ? details.cached_tokens : 0,
    };
  } catch {
    return undefined;
  }
}

/** Usage holds numbers and objects of numbers: no braces but its own. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (depth === 0) {
      return at + 1;
    }
  }
  return text.length;
}
