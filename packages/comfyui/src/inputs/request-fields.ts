import { FilePart } from "@pyworker/core";
import { z } from "zod";
import { isRecord } from "../is-record.ts";
import { settable, settableObject } from "./unset.ts";

/** A file as a client gives it: a URL, a data URI or base64 as text, or an upload. */
export type InputFile = string | FilePart;

const longestId = 128;
const idAdvice = `expected 1 to ${longestId} of the characters A-Z a-z 0-9 . _ -, and not . or .. alone: it becomes part of paths and URLs`;

const requestId = z
  .string(idAdvice)
  .regex(/^[A-Za-z0-9._-]+$/, idAdvice)
  .max(longestId, idAdvice)
  .refine((id) => id !== "." && id !== "..", idAdvice);

const webUrl = z
  .string()
  .refine((url) => /^https?:\/\//i.test(url) && URL.canParse(url), "expected an http or https URL");

const seconds = z.number().positive().max(3600);

const file = z.custom<InputFile>(
  (value) => value instanceof FilePart || (typeof value === "string" && value !== ""),
  "expected a URL, a data URI or base64 as text, or an uploaded file",
);

const override = z.custom<Record<string, unknown>>(isRecord, 'expected an object of inputs: {"text": "…"}');

/** The same, or false. A union would say that neither is given, and nothing of the member that is wrong. */
const orFalse = <Value>(schema: z.ZodType<Value>) =>
  z
    .unknown()
    .transform((value, context): Value | false => {
      const parsed = value === false ? undefined : schema.safeParse(value);
      if (parsed?.success) {
        return parsed.data;
      }
      for (const { message, path } of parsed?.error.issues ?? []) {
        context.addIssue({ code: "custom", path, message });
      }
      return parsed === undefined ? false : z.NEVER;
    })
    .optional();

/** Where outputs go, as a request has it; what it leaves out is the worker's to fill in. */
const s3 = settableObject({
  access_key_id: settable(z.string()),
  secret_access_key: settable(z.string()),
  endpoint_url: settable(webUrl),
  bucket_name: settable(z.string()),
  region: settable(z.string()),
  /** Seconds. */
  connect_timeout: settable(seconds),
  connect_attempts: settable(z.int().min(1).max(20)),
});

const webhook = settableObject({
  url: settable(webUrl),
  extra_params: settable(z.custom<Record<string, unknown>>(isRecord, "expected an object")),
  secret: settable(z.string()),
  /** Seconds. */
  timeout: settable(seconds),
});

/** The members of `input` that every request may have. */
export const requestFields = {
  request_id: settable(requestId),
  /** Checked apart, for it may be text. */
  workflow_json: z.unknown().optional(),
  modifier: settable(z.string()),
  modifications: settable(z.custom<Record<string, unknown>>(isRecord, "expected an object")),
  overrides: settable(z.record(z.string(), override)),
  files: settable(z.record(z.string(), file)),
  /** False: nowhere, though the worker's environment may say otherwise. */
  s3: orFalse(s3),
  webhook: orFalse(webhook),
  return_outputs_as_base64: settable(z.boolean()),
  previews: settable(z.boolean()),
  include_temp: settable(z.boolean()),
};

export type S3Request = NonNullable<z.output<typeof s3>>;
export type WebhookRequest = NonNullable<z.output<typeof webhook>>;
