import type { Fields } from "../server/read-body.ts";

/** One node of a prompt whose shape has been seen to. */
export interface PromptNode {
  class_type: string;
  inputs: Fields;
}

/** A prompt by the ids of its nodes. Integers beyond 2^53 are `bigint`. */
export type Prompt = Readonly<Record<string, PromptNode>>;

export type Link = readonly [nodeId: string, output: number];

/** Whether an input is a link: any list is one, as ComfyUI sees it. */
export const isLink = (value: unknown): value is Link =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && typeof value[1] === "number";

/** The literal that stands for it: lists come wrapped, for they would be links. */
export function literalOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "__value__" in value ? value.__value__ : value;
}

/** One prompt that the stand-in was sent, and what became of it. */
export interface ComfyuiJob {
  promptId: string;
  clientId: string | undefined;
  number: number;
  workflow: Fields;
  /** `lost`: it was waiting or running when the server was killed. */
  state: "pending" | "running" | "success" | "error" | "interrupted" | "deleted" | "lost";
  /** `performance.now()` */
  startedAt?: number;
  endedAt?: number;
  executedNodes: string[];
}

/** A prompt in the queue. */
export interface QueuedPrompt {
  job: ComfyuiJob;
  prompt: Prompt;
  extraData: Fields;
  /** The nodes that it ends in. */
  outputs: string[];
}

/** As the routes list it. */
export const listed = ({ extraData, job, outputs, prompt }: QueuedPrompt): unknown[] => [
  job.number,
  job.promptId,
  prompt,
  extraData,
  outputs,
];
