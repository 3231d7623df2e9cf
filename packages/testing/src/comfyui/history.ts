import type { Fields } from "../server/read-body.ts";
import type { RunResult } from "./execute-prompt.ts";
import { listed, type QueuedPrompt } from "./prompt.ts";

export interface HistoryItem {
  prompt: unknown[];
  outputs: Record<string, Fields>;
  status: { status_str: "success" | "error"; completed: boolean; messages: [event: string, data: object][] };
  meta: Record<string, object>;
}

/** What is kept of finished prompts, by their ids, oldest first. */
export type History = Map<string, HistoryItem>;

interface Ended {
  queued: QueuedPrompt;
  result: RunResult;
  messages: [event: string, data: object][];
}

export function historyItem({ messages, queued, result: { outputs, state } }: Ended): HistoryItem {
  const isSuccess = state === "success";
  const meta = Object.keys(outputs).map((id) => [
    id,
    { node_id: id, display_node: id, parent_node: null, real_node_id: id },
  ]);
  return {
    prompt: listed(queued),
    outputs,
    status: { status_str: isSuccess ? "success" : "error", completed: isSuccess, messages },
    meta: Object.fromEntries(meta),
  };
}
