import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";

/** More would help nobody. */
const mostNamed = 10;

/**
 * Throws JobError `invalid_input` where a link leads to a node that the workflow doesn't have. ComfyUI itself looks at
 * the inputs alone that a node's class declares; any other such link ends the thread that runs its prompts, for good.
 */
export function checkLinks(workflow: Workflow): void {
  const dangling = Object.entries(workflow).flatMap(([nodeId, { class_type, inputs }]) =>
    Object.entries(inputs).flatMap(([name, value]) =>
      isLink(value) && !Object.hasOwn(workflow, value[0])
        ? [`node ${nodeId} (${class_type}) ${name}: a link leads to node ${value[0]}, which is not in the workflow`]
        : [],
    ),
  );
  if (dangling.length > 0) {
    const more = dangling.length - mostNamed;
    const message = dangling.slice(0, mostNamed).join("; ") + (more > 0 ? `; and ${more} more` : "");
    throw new JobError({ type: "invalid_input", message });
  }
}

/** Any list of a text and a number is one to ComfyUI, and Python counts true and false among the numbers. */
const isLink = (value: unknown): value is readonly [string, number | bigint | boolean] =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === "string" &&
  ["number", "bigint", "boolean"].includes(typeof value[1]);
