import { randomUUID } from "node:crypto";
import type { ClientResponse, ServeContext } from "@pyworker/core";
import type { JobRequest } from "../inputs/job-request.ts";
import type { Job, JobListener } from "../jobs/job.ts";
import type { Result } from "../jobs/result.ts";
import type { Task } from "../run/task.ts";
import type { ComfyuiServices } from "../services.ts";

interface TaskOptions {
  request: JobRequest;
  headers: ServeContext["headers"];
  listener: JobListener;
  /** Whether the client is told how it goes. */
  isWatched: boolean;
}

/** Makes a job of a request; or the refusal, where there are too many already, or one of this id is under way. */
export function taskOf(
  { jobs, settings }: ComfyuiServices,
  { headers, isWatched, listener, request }: TaskOptions,
): { task: Task } | { refusal: ClientResponse } {
  const id = request.request_id ?? randomUUID();
  if (jobs.underWay >= settings.maxJobs) {
    const message = `Worker at capacity (${jobs.underWay} in flight); retry shortly`;
    return { refusal: { status: 503, headers: { "retry-after": "5" }, body: failed(id, message) } };
  }
  const job = jobs.add(id, listener);
  if (job === undefined) {
    return { refusal: { status: 409, body: failed(id, `a job with the request_id ${id} is under way`) } };
  }
  const asked = (name: string) => /^(1|true|yes|on)$/i.test(String(headers[name] ?? ""));
  const wantsBase64 = request.return_outputs_as_base64 || asked("x-return-outputs-as-base64");
  return {
    task: {
      job,
      request: { ...request, return_outputs_as_base64: wantsBase64 },
      isWatched,
      wantsResponse: settings.includeResponse || asked("x-include-comfyui-response"),
    },
  };
}

export const failed = (id: string, message: string): Result => ({
  id,
  message,
  status: "failed",
  comfyui_response: {},
  output: [],
  timings: {},
});

/** A job as it stands, as an answer about it. */
export function answerAbout({ outcome, result }: Job): ClientResponse {
  const { body, headers = {}, status } = outcome ?? { status: 200 };
  return body === undefined
    ? { status, headers, body: result }
    : { status, headers: { "content-type": "application/json", ...headers }, body };
}
