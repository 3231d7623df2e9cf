import { stringifyJson } from "@pyworker/core";
import { isRecord } from "../is-record.ts";
import { JobError } from "../jobs/job-error.ts";
import type { JobProgress } from "../jobs/progress.ts";
import { createMessageReader } from "./message-reader.ts";
import { readEvents } from "./read-events.ts";
import { readResult } from "./read-result.ts";
import { statusOfResult } from "./status-of-result.ts";
import { parseOrUndefined, type WrapperAnswer } from "./wrapper-answer.ts";

interface FollowOptions {
  /** The request's own workflow, if it has one. */
  workflow: unknown;
  onProgress(progress: JobProgress): void;
  /** Asks for the result of a job that was cancelled. */
  askForResult(): Promise<WrapperAnswer>;
}

/** Follows a job's stream to its result. Rejects with a JobError where it ends without one. */
export async function followStream(
  chunks: AsyncIterable<Buffer>,
  { askForResult, onProgress, workflow }: FollowOptions,
): Promise<WrapperAnswer> {
  const readMessage = createMessageReader(workflow);
  for await (const data of readEvents(chunks)) {
    const event = parseOrUndefined(data);
    if (!isRecord(event)) {
      continue;
    }
    const message = typeof event.message === "string" ? event.message : "";
    if (event.status === "final_result") {
      return answerOf(event.result);
    }
    if (event.status === "error") {
      throw new JobError({ type: "lost", message: `ComfyUI's API wrapper failed to follow the job: ${message}` });
    }
    if (event.status === "cancelled") {
      // An old wrapper says no more than this, and keeps the stream open.
      return askForResult();
    }
    const progress = readMessage(message);
    if (progress !== undefined) {
      onProgress(progress);
    }
  }
  throw new JobError({ type: "lost", message: "ComfyUI's API wrapper ended the job's stream without a result" });
}

function answerOf(value: unknown): WrapperAnswer {
  const result = readResult(value);
  if (result === undefined) {
    throw new JobError({ type: "lost", message: "ComfyUI's API wrapper ended the job's stream with no valid result" });
  }
  return {
    status: statusOfResult(result),
    contentType: "application/json",
    headers: {},
    body: Buffer.from(stringifyJson(value)),
    result,
  };
}
