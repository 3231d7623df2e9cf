import { randomInt } from "node:crypto";
import type { Fields } from "../server/read-body.ts";
import { isObject } from "../server/read-body.ts";
import type { ComfyuiClient } from "./comfyui-client.ts";
import { fillRandom } from "./fill-random.ts";
import { type Generated, generate } from "./generate.ts";
import type { GpuWatch } from "./gpu-watch.ts";
import { wrapperLogLines } from "./log-lines.ts";
import { applyModifier } from "./modifiers.ts";
import { collectOutputs } from "./outputs.ts";
import { isSet } from "./read-payload.ts";
import { callWebhook } from "./webhook.ts";
import { createWrapperJob, hasEnded, type Wants, type WrapperJob } from "./wrapper-job.ts";

export type Stage = "preprocess" | "generation" | "postprocess";

/** All jobs that the wrapper has taken, and what it does with them: one at a time on ComfyUI. */
export interface JobBoard {
  readonly jobs: readonly WrapperJob[];
  /** Takes a job; undefined where too many are in flight. */
  submit(payload: Fields, wants: Wants): WrapperJob | undefined;
  find(id: string): WrapperJob | undefined;
  /** Marks a job that has not ended; the rest follows by itself. */
  cancel(job: WrapperJob, message: string): void;
  /** The jobs that wait for a stage, in order. */
  waiting(stage: Stage): readonly WrapperJob[];
  /** Ends whatever runs. */
  stop(): Promise<void>;
}

interface JobBoardOptions {
  comfyui: ComfyuiClient;
  gpu: GpuWatch;
  pollMs: number;
  maxQueueSize: number;
  /** Whether it is an old wrapper: it tells all of ComfyUI's answer and measures nothing. */
  isOld: boolean;
  log(...lines: string[]): Promise<void>;
}

export function createJobBoard(options: JobBoardOptions): JobBoard {
  const { comfyui, gpu, isOld, log, maxQueueSize, pollMs } = options;
  const stopping = new AbortController();
  const jobs: WrapperJob[] = [];
  const waiting: Record<Stage, WrapperJob[]> = { preprocess: [], generation: [], postprocess: [] };
  const running = new Set<Promise<void>>();
  let generating: Promise<unknown> = Promise.resolve();

  const run = async (job: WrapperJob): Promise<void> => {
    const { result } = job;
    const clock = createStageClock(result.timings, isOld);
    await log(wrapperLogLines.queued(job.id));
    let stage = "Preprocessing failed";
    try {
      leave(waiting.preprocess, job);
      const workflow = preprocess(job);
      clock.end("preprocess_ms");
      stage = "Generation failed";
      waiting.generation.push(job);
      const turn = generating.then(() => {
        leave(waiting.generation, job);
        return hasEnded(job) ? undefined : generate(job, workflow, { comfyui, pollMs, signal: stopping.signal });
      });
      generating = turn.catch(() => undefined);
      const generated = await turn;
      clock.end("generation_ms");
      stage = "Post-processing failed";
      if (generated !== undefined && !hasEnded(job)) {
        await postprocess(job, generated);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await log(wrapperLogLines.jobFailed(job.id, message));
      await gpu.heard(message);
      if (!hasEnded(job)) {
        Object.assign(result, { status: "failed", message: `${stage}: ${message}` });
      }
    }
    clock.total();
    await callWebhook(job);
  };

  const preprocess = (job: WrapperJob): unknown => {
    const { modifications, modifier, workflow_json: given } = job.payload;
    job.result.status = hasEnded(job) ? job.state : "processing";
    const draw = () => randomInt(2 ** 32);
    const workflow = isSet(given)
      ? given
      : applyModifier(String(modifier), isObject(modifications) ? modifications : {}, draw);
    if (!hasEnded(job)) {
      job.result.message = "Preprocessing complete. Queued for generation.";
    }
    return fillRandom(workflow, draw);
  };

  const postprocess = async (job: WrapperJob, { details, history, promptId }: Generated): Promise<void> => {
    const { result } = job;
    gpu.worked();
    Object.assign(result, { status: "generated", message: "Generation complete. Queued for post-processing." });
    const output = await collectOutputs(history, job, comfyui);
    if (hasEnded(job)) {
      return;
    }
    if (job.wants.comfyuiResponse || isOld) {
      result.comfyui_response = { [promptId]: history, execution_details: details };
    }
    Object.assign(result, { output, status: "completed", message: "Processing complete." });
  };

  return {
    jobs,
    submit: (payload, wants) => {
      if (jobs.filter((job) => !hasEnded(job)).length >= maxQueueSize) {
        return undefined;
      }
      const job = createWrapperJob(payload, wants);
      jobs.push(job);
      waiting.preprocess.push(job);
      const done = run(job).finally(() => running.delete(done));
      running.add(done);
      return job;
    },
    find: (id) => jobs.findLast((job) => job.id === id),
    cancel: ({ result }, message) => void Object.assign(result, { status: "cancelled", message }),
    waiting: (stage) => waiting[stage],
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

function leave(queue: WrapperJob[], job: WrapperJob): void {
  const index = queue.indexOf(job);
  if (index !== -1) {
    queue.splice(index, 1);
  }
}

/** Measures the stages of a job, unless the wrapper is too old to. */
function createStageClock(timings: Record<string, number>, isOld: boolean) {
  const start = Date.now();
  let since = start;
  if (!isOld) {
    timings.queued_at_ms = start;
  }
  const set = (name: string, value: number) => {
    if (!isOld) {
      timings[name] = value;
    }
  };
  return {
    end: (name: string) => {
      set(name, Date.now() - since);
      since = Date.now();
    },
    total: () => {
      set("postprocess_ms", Date.now() - since);
      set("completed_at_ms", Date.now());
      set("total_ms", Date.now() - start);
    },
  };
}
