import type { ComfyHttp } from "../comfy/comfy-http.ts";
import { freeMemory } from "../comfy/free-memory.ts";
import { type FinishedPrompt, runPrompt } from "../comfy/run-prompt.ts";
import { JobError } from "../jobs/job-error.ts";
import type { Outcome } from "../jobs/outcome.ts";
import type { TextOutput } from "../jobs/result.ts";
import { collectOutputs, type FoundOutput } from "../outputs/collect-outputs.ts";
import { deliverOutputs } from "../outputs/deliver-outputs.ts";
import type { ComfyuiServices } from "../services.ts";
import type { ReadyTask, RunHooks } from "./task.ts";

/** Runs a job on ComfyUI itself. Rejects with a JobError, or with the signal's reason. */
export async function runDirectly(
  services: ComfyuiServices,
  task: ReadyTask,
  { release, signal }: RunHooks,
): Promise<Outcome> {
  const { job, request } = task;
  const { comfy } = services.servers;
  const startedAt = job.now();
  const { files, finished, texts } = await withinLimit(services.settings.jobSeconds, signal, (stop) =>
    generate(comfy, task, stop),
  );
  release();
  const generatedAt = job.now();
  job.advance("generated", "Generation complete. Queued for post-processing.", {
    generation_ms: generatedAt - startedAt,
  });
  const { items, missing } = await deliverOutputs(files, {
    comfy,
    requestId: job.id,
    comfyFolder: services.settings.installPath,
    asBase64: request.return_outputs_as_base64 ?? false,
    base64MaxBytes: services.settings.base64MaxBytes,
    s3: task.storage,
    signal,
  });
  if (missing.length > 0) {
    throw noOutputs(`ComfyUI no longer has ${missing.map(({ filename }) => filename).join(", ")}`);
  }
  return {
    status: 200,
    result: {
      ...job.result,
      status: "completed",
      message: "Processing complete.",
      comfyui_response: task.wantsResponse ? responseOf(finished) : {},
      output: items,
      ...(texts.length > 0 ? { texts } : {}),
      ...(finished.droppedOutputs.length > 0 ? { dropped_outputs: finished.droppedOutputs } : {}),
      timings: {
        ...job.result.timings,
        postprocess_ms: job.now() - generatedAt,
        completed_at_ms: job.now(),
        total_ms: job.elapsed(),
      },
    },
  };
}

/** A job that never ends would keep all others waiting. */
async function withinLimit<Value>(
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = AbortSignal.timeout(seconds * 1000);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (limit.aborted && !signal.aborted) {
      throw new JobError({
        type: "timed_out",
        message: `ComfyUI has worked on it for ${seconds} s, the longest allowed`,
      });
    }
    throw error;
  }
}

interface Generated {
  finished: FinishedPrompt;
  files: FoundOutput[];
  texts: TextOutput[];
}

/** Runs the workflow; once more where ComfyUI took all from its cache, and the files of then are gone. */
async function generate(comfy: ComfyHttp, task: ReadyTask, signal: AbortSignal): Promise<Generated> {
  let made = await runOnce(comfy, task, signal);
  if (made.finished.cachedNodes.length > 0 && !(await isWhole(comfy, made, signal))) {
    await freeMemory(comfy, { unloadModels: false });
    made = await runOnce(comfy, task, signal);
  }
  if (isEmpty(made)) {
    throw noOutputs("the workflow has put out nothing: it needs a node that saves, SaveImage say");
  }
  return made;
}

async function runOnce(
  comfy: ComfyHttp,
  { job, request, workflow }: ReadyTask,
  signal: AbortSignal,
): Promise<Generated> {
  if (workflow === undefined) {
    const { source } = request;
    const what = source.kind === "modifier" ? `Unknown modifier: ${source.name}` : "there is no workflow";
    throw new JobError({ type: "invalid_input", message: what });
  }
  const finished = await runPrompt({
    comfy,
    workflow,
    signal,
    onProgress: (progress) => job.progress(progress),
    previews: request.previews ?? false,
  });
  const saved = collectOutputs(finished.outputs, { includeTemp: request.include_temp ?? false });
  // Previews are better than nothing.
  return { finished, ...(isEmpty(saved) ? collectOutputs(finished.outputs, { includeTemp: true }) : saved) };
}

/** Whether the files that come from the cache are still there. */
async function isWhole(comfy: ComfyHttp, made: Generated, signal: AbortSignal): Promise<boolean> {
  const remembered = made.files.filter(({ nodeId }) => made.finished.cachedNodes.includes(nodeId));
  const found = await Promise.all(remembered.map((file) => isThere(comfy, file, signal)));
  return !isEmpty(made) && found.every(Boolean);
}

async function isThere(
  comfy: ComfyHttp,
  { filename, subfolder, type }: FoundOutput,
  signal: AbortSignal,
): Promise<boolean> {
  const viewed = await comfy.view({ filename, subfolder, type }, signal);
  viewed?.body.destroy();
  return viewed !== undefined;
}

const isEmpty = ({ files, texts }: { files: readonly unknown[]; texts: readonly unknown[] }): boolean =>
  files.length + texts.length === 0;

const noOutputs = (message: string): JobError => new JobError({ type: "no_outputs", message });

const responseOf = ({ cachedNodes, executedNodes, history, promptId }: FinishedPrompt): Record<string, unknown> => ({
  [promptId]: history,
  execution_details: {
    prompt_id: promptId,
    nodes_executed: executedNodes,
    cached: cachedNodes,
    completed: true,
    error: null,
  },
});
