import { isRecord } from "../is-record.ts";
import type { JobStatus, OutputItem, Result, Timings } from "../jobs/result.ts";

const statuses: ReadonlySet<unknown> = new Set<JobStatus>([
  "pending",
  "processing",
  "generating",
  "generated",
  "completed",
  "failed",
  "cancelled",
]);

/** A result that the wrapper has sent; undefined where the value is none. */
export function readResult(value: unknown): Result | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const { comfyui_response: response, id, message, output, status, timings } = value;
  if (typeof id !== "string" || typeof message !== "string" || !isStatus(status)) {
    return undefined;
  }
  return {
    id,
    message,
    status,
    comfyui_response: isRecord(response) ? response : {},
    output: Array.isArray(output) ? output.filter(isOutputItem) : [],
    timings: isTimings(timings) ? timings : {},
  };
}

const isStatus = (value: unknown): value is JobStatus => statuses.has(value);

const textFields = ["filename", "local_path", "type", "subfolder", "node_id", "output_type"];
const optionalTextFields = ["mimetype", "url", "upload_error", "data", "error"];

const isOutputItem = (value: unknown): value is OutputItem =>
  isRecord(value) &&
  textFields.every((field) => typeof value[field] === "string") &&
  optionalTextFields.every((field) => value[field] === undefined || typeof value[field] === "string");

const isTimings = (value: unknown): value is Timings =>
  isRecord(value) && Object.values(value).every((milliseconds) => typeof milliseconds === "number");
