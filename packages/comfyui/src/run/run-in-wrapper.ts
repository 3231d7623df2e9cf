import type { Outcome } from "../jobs/outcome.ts";
import type { Result } from "../jobs/result.ts";
import type { ComfyuiServices } from "../services.ts";
import { refusalOf } from "../wrapper/refusal-of.ts";
import type { WrapperAnswer } from "../wrapper/wrapper-answer.ts";
import type { ReadyTask, RunHooks } from "./task.ts";

/**
 * Has the API wrapper do a job. Its answer stays as it is, but for ComfyUI's refusal of the workflow. Rejects with a
 * JobError, or with the signal's reason.
 */
export async function runInWrapper(
  { servers: { comfy, wrapper } }: ComfyuiServices,
  { isWatched, job, request, wantsResponse, workflow }: ReadyTask,
  { signal }: RunHooks,
): Promise<Outcome> {
  const { s3, source } = request;
  const input = {
    request_id: job.id,
    ...(workflow !== undefined ? { workflow_json: workflow } : {}),
    ...(workflow === undefined && source.kind === "modifier"
      ? { modifier: source.name, modifications: source.modifications }
      : {}),
    ...(s3 ? { s3 } : {}),
    return_outputs_as_base64: request.return_outputs_as_base64 ?? false,
  };
  job.advance("generating", "Handed to ComfyUI's API wrapper");
  const options = {
    id: job.id,
    signal,
    headers: wantsResponse ? { "x-include-comfyui-response": "true" } : {},
  };
  const answer = isWatched
    ? await wrapper.stream(input, { ...options, onProgress: (progress) => job.progress(progress) })
    : await wrapper.generate(input, options);
  const refusal = workflow && answer.result && (await refusalOf(answer.result, { comfy, workflow }));
  if (refusal !== undefined) {
    throw refusal;
  }
  return outcomeOf(answer, job.result);
}

/** What is no Result, a refusal of the request say, is passed on too. */
function outcomeOf({ body, headers, result, status }: WrapperAnswer, before: Result): Outcome {
  const failed: Result = { ...before, status: "failed", message: `The API wrapper answered ${status}` };
  return { status, headers, body, result: result ?? failed };
}
