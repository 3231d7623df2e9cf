import type { IncomingHttpHeaders } from "node:http";

// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** All that goes from a client to the model server: never its credentials, which are meant for the engine. */
const forwardedToModel = ["content-type", "accept", "traceparent", "tracestate"] as const;

export type HeaderFields = Record<string, string | string[]>;

/** The headers of a request to the model server. */
export function modelRequestHeaders(client: IncomingHttpHeaders, modelApiKey: string | undefined): HeaderFields {
  const headers: HeaderFields = {};
  for (const name of forwardedToModel) {
    const value = client[name];
    if (value !== undefined) {
      headers[name] = value;
    }
  }
  if (modelApiKey !== undefined) {
    headers.authorization = `Bearer ${modelApiKey}`;
  }
  return headers;
}

/** The end-to-end headers of the model server's answer. */
export function clientResponseHeaders(model: IncomingHttpHeaders): HeaderFields {
  const named = model.connection?.toLowerCase().split(/\s*,\s*/);
  const headers: HeaderFields = {};
  for (const name in model) {
    const value = model[name];
    if (value !== undefined && !hopByHop.has(name) && !named?.includes(name)) {
      headers[name] = value;
    }
  }
  return headers;
}
