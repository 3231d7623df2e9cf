import { z } from "zod";
import type { Overrides } from "./apply-overrides.ts";
import { readFormPayload } from "./read-form-payload.ts";
import { type InputFile, requestFields, type S3Request, type WebhookRequest } from "./request-fields.ts";
import { type RequestSource, readSource, type TypedRequests } from "./request-source.ts";

/** A request for a job, checked. What the client has not set is undefined. */
export interface GenerateRequest<Typed = never> {
  request_id: string | undefined;
  source: RequestSource<Typed>;
  /** Empty where there are none. */
  overrides: Overrides;
  /** By the names by which the workflow's inputs call them. */
  files: Readonly<Record<string, InputFile>>;
  s3: S3Request | false | undefined;
  /** Its `url` may be undefined, and the rest meant for the worker's own webhook. */
  webhook: WebhookRequest | false | undefined;
  return_outputs_as_base64: boolean | undefined;
  previews: boolean | undefined;
  /** Whether temporary outputs are wanted too. */
  include_temp: boolean | undefined;
}

const expected = 'expected an object: {"input": {"workflow_json": {…}}}';

/**
 * The payload `{"input": {…}}`, sent as JSON or as a form: a workflow in API format, a modifier, or a typed request of the
 * backend's own. Null, an empty string and an empty object count as not set.
 */
export function generateRequestSchema<Typed = never>(typed?: TypedRequests<Typed>) {
  const payload = z.looseObject({ input: z.looseObject(requestFields, expected) }, expected);
  const readForm = z.unknown().transform((value, context): unknown => {
    const read = readFormPayload(value);
    if ("payload" in read) {
      return read.payload;
    }
    context.addIssue({ code: "custom", path: ["input"], message: read.problem });
    return z.NEVER;
  });
  return readForm.pipe(payload).transform(({ input }, context): GenerateRequest<Typed> => {
    const read = readSource(input, typed);
    if ("problems" in read) {
      for (const { message, path } of read.problems) {
        context.addIssue({ code: "custom", path: ["input", ...path], message });
      }
      return z.NEVER;
    }
    const { files, include_temp, overrides, previews, request_id, return_outputs_as_base64, s3, webhook } = input;
    return {
      ...{ request_id, source: read.source, overrides: overrides ?? {}, files: files ?? {}, s3, webhook },
      ...{ return_outputs_as_base64, previews, include_temp },
    };
  });
}
