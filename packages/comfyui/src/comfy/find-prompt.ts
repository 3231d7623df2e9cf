import { z } from "zod";
import { JobError } from "../jobs/job-error.ts";
import type { ComfyHttp } from "./comfy-http.ts";
import { type HistoryEntry, readHistory } from "./prompt-history.ts";

/** Where a prompt is in ComfyUI. */
export type PromptState =
  | { state: "ended"; entry: HistoryEntry }
  | { state: "running" }
  /** In the queue; `isIdle` where nothing runs meanwhile. */
  | { state: "pending"; isIdle: boolean }
  /** Neither queued nor in the history. */
  | { state: "gone" };

// An item is [number, prompt id, prompt, extra data, outputs …], and longer in newer versions.
const itemsSchema = z.array(z.tuple([z.unknown(), z.string()], z.unknown()));
const queueSchema = z.looseObject({ queue_running: itemsSchema, queue_pending: itemsSchema });

/** Looks for a prompt in ComfyUI's history and in its queue. Rejects with a JobError where ComfyUI doesn't answer as it should. */
export async function findPrompt(comfy: ComfyHttp, promptId: string, signal?: AbortSignal): Promise<PromptState> {
  const readEntry = async () =>
    readHistory(await read(comfy, `/history/${encodeURIComponent(promptId)}`, signal), promptId);
  const entry = await readEntry();
  if (entry !== undefined) {
    return { state: "ended", entry };
  }
  const queue = queueSchema.safeParse(await read(comfy, "/queue", signal)).data;
  if (queue === undefined) {
    throw new JobError({ type: "comfyui_unreachable", message: "what answers /queue is not ComfyUI" });
  }
  const isIn = (items: z.infer<typeof itemsSchema>) => items.some(([, id]) => id === promptId);
  if (isIn(queue.queue_running)) {
    return { state: "running" };
  }
  if (isIn(queue.queue_pending)) {
    return { state: "pending", isIdle: queue.queue_running.length === 0 };
  }
  // It may have ended between the two questions.
  const late = await readEntry();
  return late === undefined ? { state: "gone" } : { state: "ended", entry: late };
}

async function read(comfy: ComfyHttp, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const { body, status } = await comfy.get(path, signal);
  if (status !== 200) {
    throw new JobError({ type: "comfyui_unreachable", message: `ComfyUI answered GET ${path} with status ${status}` });
  }
  return body;
}
