import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Fields, isObject, numberOf } from "../server/read-body.ts";
import type { ComfyuiClient } from "./comfyui-client.ts";
import { parseExact, writeExact } from "./exact-json.ts";
import { hasEnded, type WrapperJob } from "./wrapper-job.ts";

export interface GenerateOptions {
  comfyui: ComfyuiClient;
  pollMs: number;
  signal: AbortSignal;
}

/** What ComfyUI has made of a workflow. */
export interface Generated {
  promptId: string;
  history: Fields;
  /** What was heard meanwhile, as `comfyui_response` has it. */
  details: Fields;
}

const attempts = 5;

/** Runs a workflow on ComfyUI. Resolves to undefined where the job was cancelled meanwhile, rejects where it failed. */
export async function generate(
  job: WrapperJob,
  workflow: unknown,
  { comfyui, pollMs, signal }: GenerateOptions,
): Promise<Generated | undefined> {
  const clientId = randomUUID();
  const nodes: unknown[] = [];
  const updates: object[] = [];
  // ComfyUI may tell of the prompt before it has told the prompt's id.
  let promptId: string | undefined;
  const stopListening = await comfyui.listen(clientId, (type, data) => {
    if (promptId !== undefined && data.prompt_id !== promptId) {
      return;
    }
    if (type === "executing" && typeof data.node === "string") {
      nodes.push(data.node);
      tell(job, `Processing node: ${data.node}`);
    } else if (type === "progress") {
      const [value, max] = [numberOf(data.value) ?? 0, numberOf(data.max) ?? 0];
      const percentage = max > 0 ? (100 * value) / max : 0;
      updates.push({ time: performance.now() / 1000, value, max, percentage });
      tell(job, `Progress: ${percentage.toFixed(1)}% (${value}/${max})`);
    }
  });
  try {
    promptId = await postWorkflow({ prompt: workflow, client_id: clientId }, { comfyui, pollMs, signal });
    job.result.status = hasEnded(job) ? job.result.status : "generating";
    tell(job, `Generation started (ComfyUI job: ${promptId})`);
    const history = await waitForHistory(job, promptId, { comfyui, pollMs, signal });
    if (history === undefined) {
      return undefined;
    }
    const details = {
      prompt_id: promptId,
      nodes_executed: nodes,
      progress_updates: updates,
      completed: true,
      error: null,
    };
    return { promptId, history, details };
  } finally {
    stopListening();
  }
}

function tell(job: WrapperJob, message: string): void {
  if (!hasEnded(job)) {
    job.result.message = message;
  }
}

/** Tried again where ComfyUI fails, not where it refuses. */
async function postWorkflow(body: object, { comfyui, pollMs, signal }: GenerateOptions): Promise<string> {
  let reason = "";
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      const { status, text } = await comfyui.post("/prompt", body);
      if (status < 500) {
        return promptIdOf(status, text);
      }
      reason = `ComfyUI 5xx: ${text.slice(0, 200)}`;
    } catch (error) {
      if (error instanceof RefusedWorkflow) {
        throw error;
      }
      reason = `Cannot connect to host ${new URL(comfyui.url).host}`;
    }
    await sleep(pollMs, undefined, { signal });
  }
  throw new Error(`Failed to post workflow after ${attempts} attempts: ${reason}`);
}

class RefusedWorkflow extends Error {}

function promptIdOf(status: number, text: string): string {
  const answer = parseExact(text);
  if (isObject(answer) && status === 200 && typeof answer.prompt_id === "string") {
    return answer.prompt_id;
  }
  const { error, node_errors: nodeErrors } = isObject(answer) ? answer : {};
  throw new RefusedWorkflow(
    nodeErrors === undefined
      ? `ComfyUI error: ${error === undefined ? text.slice(0, 200) : writeExact(error)}`
      : `ComfyUI node errors: ${writeExact(nodeErrors)}`,
  );
}

async function waitForHistory(
  job: WrapperJob,
  promptId: string,
  { comfyui, pollMs, signal }: GenerateOptions,
): Promise<Fields | undefined> {
  while (!hasEnded(job)) {
    const history = await historyOf(promptId, comfyui);
    if (history !== undefined) {
      const failure = failureOf(history);
      if (failure !== undefined) {
        throw new Error(failure);
      }
      return history;
    }
    await sleep(pollMs, undefined, { signal });
  }
  await comfyui.post("/queue", { delete: [promptId] });
  await comfyui.post("/interrupt", { prompt_id: promptId });
  return undefined;
}

async function historyOf(promptId: string, comfyui: ComfyuiClient): Promise<Fields | undefined> {
  try {
    return await comfyui.history(promptId);
  } catch (error) {
    throw new Error("Network error getting result", { cause: error });
  }
}

/** What an entry says of its end; undefined where that was a good one. */
function failureOf({ status }: Fields): string | undefined {
  if (!isObject(status) || status.status_str !== "error") {
    return undefined;
  }
  const messages: unknown[] = Array.isArray(status.messages) ? status.messages : [];
  const failures = messages.filter((message) => Array.isArray(message));
  const [, data] = failures.find(([event]) => event === "execution_error") ?? [];
  return data === undefined ? "Execution interrupted" : `Execution error: ${writeExact(data)}`;
}
