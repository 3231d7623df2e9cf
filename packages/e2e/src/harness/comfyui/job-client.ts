import type { OutputItem, Result } from "@pyworker/comfyui";
import { until } from "@pyworker/testing";
import type { SendOptions, WorkerUnderTest } from "../start-worker.ts";
import type { Workflow } from "./workflows.ts";

/** An answer about a job. */
export interface JobAnswer {
  status: number;
  body: JobResult;
}

export interface JobResult extends Result {
  /** Where the request was refused. */
  payload?: Record<string, string>;
}

/** One event of `/generate/stream`. */
export interface JobEvent {
  request_id: string;
  status: string;
  message?: string;
  http_status?: number;
  result?: JobResult;
  node?: { id: string; class_type: string };
  progress?: { node_id: string; value: number; max: number; percentage: number; remaining_seconds?: number };
  preview?: { mimetype: string; data: string };
  queue_position?: { position: number; queue_size: number };
}

type More = Readonly<Record<string, unknown>>;

/** `POST /generate/sync` with a workflow. */
export async function generate(
  worker: WorkerUnderTest,
  workflow_json: Workflow,
  more: More = {},
  options: SendOptions = {},
): Promise<JobAnswer> {
  return answerOf(await worker.send("/generate/sync", { input: { workflow_json, ...more } }, options));
}

export const answerOf = async (response: Response): Promise<JobAnswer> => ({
  status: response.status,
  body: (await response.json()) as JobResult,
});

/** `POST /generate`; the id. */
export async function generateLater(
  worker: WorkerUnderTest,
  workflow_json: Workflow,
  more: More = {},
): Promise<string> {
  const response = await worker.send("/generate", { input: { workflow_json, ...more } });
  const { body, status } = await answerOf(response);
  if (status !== 202) {
    throw new Error(`/generate answered ${status}: ${JSON.stringify(body)}`);
  }
  return body.id;
}

/** Signed as requests without an envelope are. */
export const byHeader = (worker: WorkerUnderTest): Record<string, string> => ({
  "x-serverless-auth": Buffer.from(JSON.stringify(worker.authData())).toString("base64url"),
});

export const get = (worker: WorkerUnderTest, path: string): Promise<Response> =>
  fetch(worker.url + path, { headers: byHeader(worker) });

export const resultOf = async (worker: WorkerUnderTest, id: string): Promise<JobAnswer> =>
  answerOf(await get(worker, `/result/${id}`));

export const cancel = (worker: WorkerUnderTest, id: string): Promise<Response> =>
  fetch(`${worker.url}/cancel/${id}`, { method: "POST", headers: byHeader(worker) });

/** Waits until a job stands so. */
export const inStatus = (worker: WorkerUnderTest, id: string, status: string): Promise<boolean> =>
  until(async () => (await resultOf(worker, id)).body.status === status, {
    timeoutMs: 60_000,
    what: () => `the job ${id} to be ${status}`,
  });

/** `POST /generate/stream`; the events as they come. Throws where the answer is no stream. */
export async function* stream(
  worker: WorkerUnderTest,
  workflow_json: Workflow,
  more: More = {},
  options: SendOptions = {},
): AsyncGenerator<JobEvent> {
  const response = await worker.send("/generate/stream", { input: { workflow_json, ...more } }, options);
  if (response.body === null || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
    throw new Error(`/generate/stream answered ${response.status}: ${await response.text()}`);
  }
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts.filter((text) => text.startsWith("data: "))) {
      yield JSON.parse(part.slice("data: ".length));
    }
  }
}

/** A file of ComfyUI, fetched through the worker. */
export const view = ({ filename, subfolder, type }: OutputItem): string =>
  `/view?${new URLSearchParams({ filename, subfolder, type })}`;
