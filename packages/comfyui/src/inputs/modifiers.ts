import type { z } from "zod";
import { JobError } from "../jobs/job-error.ts";
import type { Workflow } from "../workflow.ts";
import { imageToImage, imageToImageSchema } from "./image-to-image.ts";
import { textToImage, textToImageSchema } from "./text-to-image.ts";

/** There is no such modifier here. ComfyUI's API wrapper may have it. */
export class UnknownModifier extends JobError {
  constructor(name: string) {
    const known = [...modifiers.keys()].join(", ");
    super({ type: "invalid_input", message: `Unknown modifier: ${name}. There are ${known}` });
  }
}

type Modifier = (modifications: unknown) => Workflow;

/** The workflow of a modifier, with a client's modifications. Throws JobError `invalid_input` where there is none, or one can't be had. */
export function buildModifier(name: string, modifications: Readonly<Record<string, unknown>>): Workflow {
  const modifier = modifiers.get(name);
  if (modifier === undefined) {
    throw new UnknownModifier(name);
  }
  return modifier(modifications);
}

const defineModifier =
  <Schema extends z.ZodType>(schema: Schema, build: (settings: z.output<Schema>) => Workflow): Modifier =>
  (modifications) => {
    const parsed = schema.safeParse(modifications);
    if (parsed.success) {
      return build(parsed.data);
    }
    const problems = parsed.error.issues.map(({ message, path }) => `modifications.${path.join(".")}: ${message}`);
    throw new JobError({ type: "invalid_input", message: problems.join("; ") });
  };

const modifiers: ReadonlyMap<string, Modifier> = new Map([
  ["Text2Image", defineModifier(textToImageSchema, textToImage)],
  ["Image2Image", defineModifier(imageToImageSchema, imageToImage)],
]);
