import type { Clock } from "@pyworker/core";
import { z } from "zod";
import { JobError } from "../jobs/job-error.ts";
import type { NodeFault } from "../jobs/result.ts";
import type { Workflow } from "../workflow.ts";
import type { ComfyHttp } from "./comfy-http.ts";
import { findPrompt } from "./find-prompt.ts";
import { nodeFaultsOf } from "./node-faults.ts";
import { pause } from "./pause.ts";
import { refusedWorkflow } from "./refused-workflow.ts";
import type { RunLimits } from "./run-limits.ts";

export interface SubmitOptions {
  comfy: ComfyHttp;
  workflow: Workflow;
  promptId: string;
  clientId: string;
  extraData: Record<string, unknown>;
  signal: AbortSignal;
  limits: RunLimits;
  clock: Clock;
}

export interface SubmittedPrompt {
  /** ComfyUIs before mid 2025 ignore the id that they are given, and make their own. */
  promptId: string;
  /** What was wrong with the outputs that ComfyUI leaves out while it runs the rest. */
  droppedOutputs: NodeFault[];
}

const mostAttempts = 4;

const acceptedSchema = z.looseObject({ prompt_id: z.string().optional(), node_errors: z.unknown().optional() });

/** Queues a workflow in ComfyUI. Rejects with a JobError where ComfyUI refuses it, or keeps failing. */
export async function submitPrompt(options: SubmitOptions): Promise<SubmittedPrompt> {
  const { clock, comfy, limits, promptId, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The attempt before may have arrived though its answer did not; ComfyUI would run the same id twice.
      const isKnown = attempt > 1 && (await findPrompt(comfy, promptId)).state !== "gone";
      return isKnown ? { promptId, droppedOutputs: [] } : await post(options);
    } catch (error) {
      if (!isPassing(error) || attempt === mostAttempts) {
        throw error;
      }
      await pause(clock, limits.retry * attempt, signal);
    }
  }
}

async function post({ clientId, comfy, extraData, promptId, workflow }: SubmitOptions): Promise<SubmittedPrompt> {
  // Never broken off: what ComfyUI is still validating can't be deleted from its queue, and would run for nobody.
  const answer = await comfy.post("/prompt", {
    prompt: workflow,
    prompt_id: promptId,
    client_id: clientId,
    extra_data: extraData,
  });
  if (answer.status === 400 || answer.status === 413) {
    throw await refusedWorkflow(comfy, workflow, answer);
  }
  const accepted = acceptedSchema.safeParse(answer.body).data;
  if (answer.status !== 200 || accepted === undefined) {
    const message = `ComfyUI failed to post workflow: POST /prompt was answered with status ${answer.status}`;
    throw new JobError({ type: "comfyui_unreachable", message });
  }
  return {
    promptId: accepted.prompt_id ?? promptId,
    droppedOutputs: nodeFaultsOf(workflow, accepted.node_errors),
  };
}

const isPassing = (error: unknown): boolean => error instanceof JobError && error.fault.type === "comfyui_unreachable";
