import type { ServerResponse } from "node:http";
import { stringifyJson } from "../json.ts";
import type { ClientResponse } from "../responses.ts";
import type { HeaderFields } from "./headers.ts";

/** Sends what a handler has made; returns the status. */
export function sendResponse(response: ServerResponse, { status = 200, headers = {}, body }: ClientResponse): number {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = isRaw ? body : stringifyJson(body);
  const type: HeaderFields = isRaw ? {} : { "content-type": "application/json" };
  response.writeHead(status, { ...type, ...headers, "content-length": Buffer.byteLength(bytes) });
  response.end(bytes);
  return status;
}
