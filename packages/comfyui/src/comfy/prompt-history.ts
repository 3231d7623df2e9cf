import { z } from "zod";
import type { JobFault } from "../jobs/result.ts";

const messageSchema = z.tuple([z.string(), z.unknown()], z.unknown());

const historyEntrySchema = z.looseObject({
  outputs: z.record(z.string(), z.unknown()).catch({}),
  status: z
    .looseObject({ status_str: z.string().optional(), messages: z.array(messageSchema).catch([]) })
    .nullish()
    .catch(undefined),
});

/** What /history says of a prompt that has ended. */
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

const historySchema = z.record(z.string(), z.unknown());

/** The prompt's entry in an answer of /history; undefined where it has none yet. */
export function readHistory(body: unknown, promptId: string): HistoryEntry | undefined {
  const entry = historySchema.safeParse(body).data?.[promptId];
  return entry === undefined ? undefined : historyEntrySchema.safeParse(entry).data;
}

const cachedSchema = z.looseObject({ nodes: z.array(z.string()) });

/** The nodes whose results came from the cache. */
export function cachedNodesOf(entry: HistoryEntry): string[] {
  return cachedSchema.safeParse(messageOf(entry, "execution_cached")).data?.nodes ?? [];
}

/** Why the prompt has failed; undefined where it has not. */
export function faultOf(entry: HistoryEntry): JobFault | undefined {
  // Goes before the status: ComfyUI calls it a success where it has met a cycle.
  const error = errorSchema.safeParse(messageOf(entry, "execution_error")).data;
  if (error !== undefined && error.exception_type !== "ExecutionBlocked") {
    return executionFault(error);
  }
  if (entry.status?.status_str === "success") {
    return undefined;
  }
  if (messageOf(entry, "execution_interrupted") !== undefined) {
    return { type: "interrupted", message: "somebody has interrupted it in ComfyUI" };
  }
  if (entry.status?.status_str === "error") {
    return { type: "execution_error", message: "ComfyUI says that it failed, and not why" };
  }
  return undefined;
}

const errorSchema = z.looseObject({
  node_id: z.coerce.string().catch(""),
  node_type: z.string().catch(""),
  exception_message: z.string().catch(""),
  exception_type: z.string().catch(""),
});

/** Stay behind in the CUDA context: whatever runs next in this process fails too. */
const gpuSigns = [
  "unspecified launch failure",
  "device-side assert triggered",
  "illegal memory access",
  "triton error [cuda]",
  "cuda runtime error",
  "cuda error: misaligned address",
  "cuda error: invalid device function",
  "cuda error: invalid configuration argument",
];

const memorySigns = ["out of memory", "outofmemoryerror", "failed to allocate", "allocation on device"];

function executionFault(error: z.infer<typeof errorSchema>): JobFault {
  const { exception_message, exception_type, node_id, node_type } = error;
  const text = `${exception_type} ${exception_message}`.toLowerCase();
  const says = (signs: readonly string[]) => signs.some((sign) => text.includes(sign));
  const type = says(memorySigns) ? "out_of_memory" : says(gpuSigns) ? "gpu_failed" : "execution_error";
  const what = exception_message.trim().replace(/\s+/g, " ") || exception_type || "an exception without a message";
  const message = `node ${node_id} (${node_type}): ${what}`;
  return { type, message, node_id, node_type, exception_type };
}

const messageOf = ({ status }: HistoryEntry, name: string): unknown =>
  status?.messages.findLast(([event]) => event === name)?.[1];
