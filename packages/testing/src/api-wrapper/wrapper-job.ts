import { randomUUID } from "node:crypto";
import type { Fields } from "../server/read-body.ts";

export type WrapperStatus =
  | "pending"
  | "processing"
  | "generating"
  | "generated"
  | "completed"
  | "failed"
  | "cancelled";

/** The body of every answer about a job. */
export interface WrapperResult {
  readonly id: string;
  message: string;
  status: WrapperStatus;
  comfyui_response: Fields;
  output: Fields[];
  timings: Record<string, number>;
}

/** A job that the wrapper has taken. */
export interface WrapperJob {
  readonly id: string;
  /** `input` as it was received; integers beyond 2^53 are `bigint`. */
  readonly payload: Fields;
  readonly state: WrapperStatus;
  readonly result: WrapperResult;
  readonly wants: Wants;
}

/** What a request asks for beside its job: by its fields, or by its headers. */
export interface Wants {
  base64: boolean;
  comfyuiResponse: boolean;
}

export function createWrapperJob(payload: Fields, wants: Wants): WrapperJob {
  const id = typeof payload.request_id === "string" && payload.request_id !== "" ? payload.request_id : randomUUID();
  const result: WrapperResult = {
    id,
    message: "Request accepted",
    status: "pending",
    comfyui_response: {},
    output: [],
    timings: {},
  };
  return {
    id,
    payload,
    result,
    wants,
    get state() {
      return result.status;
    },
  };
}

const ended = new Set<WrapperStatus>(["completed", "failed", "cancelled"]);

export const hasEnded = ({ state }: WrapperJob): boolean => ended.has(state);

/** What failed on the way to ComfyUI, by the words of its message. */
const connectionFailures = [
  "cannot connect",
  "failed to post workflow after",
  "network error",
  "connection refused",
  "websocket timeout",
  "websocket failure",
  "timed out",
];

export const isConnectionFailure = (message: string): boolean =>
  connectionFailures.some((words) => message.toLowerCase().includes(words));

/** The HTTP status with which a result is sent. */
export function statusOfWrapperResult({ message, status }: WrapperResult): number {
  if (status === "cancelled") {
    return 499;
  }
  if (status !== "failed") {
    return 200;
  }
  return isConnectionFailure(message) ? 502 : 500;
}
