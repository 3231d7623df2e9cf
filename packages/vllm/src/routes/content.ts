import { chatSchema } from "@pyworker/llm";
import { z } from "zod";

/** A count of tokens, as all text routes have it. */
export const countSchema = chatSchema.shape.max_tokens;

const partSchema = z.looseObject({
  type: z.string().nullish(),
  text: z.string().nullish(),
  thinking: z.string().nullish(),
  refusal: z.string().nullish(),
});

/**
 * What a message says, as a list of parts in whichever way it was written. Made alike before it is checked, so that a
 * fault is told by its path: of a union of both ways there would be nothing to say but that none fits.
 */
export const contentOf = <Part extends z.ZodType>(part: Part) =>
  z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(z.preprocess(asPart, part), "expected a text, or a list of parts"),
  );

const asPart = (value: unknown): unknown => (typeof value === "string" ? { type: "text", text: value } : value);

/** Texts; anything else is a picture, a sound, a video. */
export const contentSchema = contentOf(partSchema);

/** The fields of a part that hold text. */
export const partShape = partSchema.shape;

/** One message of a chat. */
export const messageSchema = z.looseObject({
  role: z.string(),
  content: contentSchema.nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
});

/** Definitions of tools, which are part of the prompt. */
export const toolsSchema = z.array(z.unknown()).nullish();
