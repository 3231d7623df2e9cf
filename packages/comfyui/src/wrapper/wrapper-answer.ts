import { parseJson } from "@pyworker/core";
import type { Dispatcher } from "undici";
import type { Result } from "../jobs/result.ts";
import { readResult } from "./read-result.ts";

/** An answer of the wrapper, as it sent it. */
export interface WrapperAnswer {
  status: number;
  contentType: string;
  /** Those that concern a client: `retry-after`, where it is there. */
  headers: Record<string, string>;
  body: Buffer;
  /** The result, where the body is one. */
  result: Result | undefined;
}

const passedHeaders = ["retry-after"];

/** Reads an answer to its end. */
export async function readAnswer({
  body,
  headers,
  statusCode,
}: Pick<Dispatcher.ResponseData, "body" | "headers" | "statusCode">): Promise<WrapperAnswer> {
  const bytes = Buffer.from(await body.arrayBuffer());
  return {
    status: statusCode,
    contentType: String(headers["content-type"] ?? ""),
    headers: Object.fromEntries(
      passedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
    ),
    body: bytes,
    result: readResult(parseOrUndefined(bytes.toString())),
  };
}

/** The value of a JSON text; undefined where it is none. */
export function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
