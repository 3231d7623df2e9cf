import { z } from "zod";
import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";
import { applyOverrides } from "./apply-overrides.ts";
import { checkLinks } from "./check-links.ts";
import { type GenerateRequest, generateRequestSchema } from "./generate-request.ts";
import { UnknownModifier } from "./modifiers.ts";
import { buildWorkflow, type TypedRequests } from "./request-source.ts";

/** A request with the workflow that it stands for, and its price. */
export interface JobRequest<Typed = unknown> extends GenerateRequest<Typed> {
  /** Undefined where only ComfyUI's API wrapper knows how to build it. */
  workflow: Workflow | undefined;
  workload: number;
  /** What to say of the workflow where ComfyUI refuses it. */
  advice: string | undefined;
}

interface JobRequestOptions<Typed> {
  typed?: TypedRequests<Typed> | undefined;
  workload(workflow: Workflow): number;
  advice?(workflow: Workflow): string | undefined;
  /** What a job costs of which nobody here knows more. */
  usualWorkload: number;
  /** Whether there may be an API wrapper, which has modifiers of its own. */
  mayHaveWrapper: boolean;
}

/** The payload of all routes that make a job. */
export function jobRequestSchema<Typed>(options: JobRequestOptions<Typed>) {
  const { typed, workload } = options;
  return generateRequestSchema(typed).transform((request, context): JobRequest<Typed> => {
    try {
      const workflow = applyOverrides(buildWorkflow(request.source, typed), request.overrides);
      checkLinks(workflow);
      return { ...request, workflow, workload: workload(workflow), advice: options.advice?.(workflow) };
    } catch (error) {
      if (error instanceof UnknownModifier && options.mayHaveWrapper) {
        return { ...request, workflow: undefined, workload: options.usualWorkload, advice: undefined };
      }
      if (!(error instanceof JobError)) {
        throw error;
      }
      context.addIssue({ code: "custom", path: ["input"], message: error.message });
      return z.NEVER;
    }
  });
}
