import type { JobResult } from "./job-client.ts";
import type { Workflow } from "./workflows.ts";

/** Asks for an answer that holds what ComfyUI's history says of the job. */
export const askForHistory = { headers: { "x-include-comfyui-response": "true" } };

/** The workflow as ComfyUI got it, from an answer that holds its history. */
export function whatRan({ comfyui_response: response, ...body }: JobResult): Workflow {
  const [entry] = Object.values(response);
  const prompt = typeof entry === "object" && entry !== null && "prompt" in entry ? entry.prompt : undefined;
  if (!Array.isArray(prompt)) {
    throw new Error(`expected an answer with ComfyUI's history: ${JSON.stringify(body)}`);
  }
  return prompt[2];
}
