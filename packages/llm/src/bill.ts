import type { TextTask } from "./text-task.ts";
import type { Usage } from "./usage.ts";

/** What one request costs, in output tokens, as well as it is known by now. */
export interface Bill {
  readonly total: number;
  /** What of it is still to be done. */
  readonly remaining: number;
  /** The texts of its prompts have been counted. */
  promptCounted(textTokens: number): void;
  /** So many tokens of its answers have been seen, at least. The prompt has been read then. */
  outputSeen(tokens: number): void;
  /** The engine has told what it used: that is the cost, and nothing remains. */
  used(usage: Usage): void;
}

interface BillOptions {
  promptWeight: number;
  /** A first guess at the tokens of its texts. */
  textTokens: number;
  /** Tokens of prompts and answers, as far as they fit the model. */
  expect(promptTokens: number): { promptTokens: number; outputTokens: number };
}

export function openBill(task: TextTask, { promptWeight, textTokens, expect }: BillOptions): Bill {
  let { promptTokens, outputTokens } = expect(textTokens + task.otherTokens);
  let seenTokens = 0;
  let settled: number | undefined;
  const price = (prompt: number, output: number): number => Math.max(1, Math.round(promptWeight * prompt + output));
  return {
    get total() {
      return settled ?? price(promptTokens, Math.max(outputTokens, seenTokens));
    },
    get remaining() {
      if (settled !== undefined) {
        return 0;
      }
      return seenTokens === 0 ? this.total : Math.max(0, Math.round(outputTokens - seenTokens));
    },
    promptCounted: (tokens) => {
      ({ promptTokens, outputTokens } = expect(tokens + task.otherTokens));
    },
    outputSeen: (tokens) => {
      seenTokens = tokens;
    },
    used: ({ promptTokens: prompt = promptTokens, completionTokens = seenTokens, cachedTokens = 0 }) => {
      settled = price(Math.max(prompt - cachedTokens, 0), completionTokens);
    },
  };
}
