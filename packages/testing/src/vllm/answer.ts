import type { IncomingMessage, ServerResponse } from "node:http";
import type { Faults } from "../faults.ts";
import { sendJson } from "../send-json.ts";
import { fingerprint, sendReply } from "./reply.ts";
import { sendError } from "./send-error.ts";
import { readTextRequest, readTokenizeRequest } from "./text-request.ts";

/** One request the stand-in has seen. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** `performance.now()` when its client left before the end; undefined otherwise. */
  abortedAt: number | undefined;
  completed: boolean;
}

export interface AnswerOptions {
  model: string;
  maxModelLen: number;
  msPerToken: number;
  cachedTokens: number | undefined;
  apiKey: string | undefined;
  faults: Faults;
  requests: SeenRequest[];
}

const rememberedRequests = 1000;

/** Answers one request; remembers it from the moment its body is complete. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  const seen = await remember(request, response, options.requests);
  if (seen === undefined) {
    return;
  }
  response.setHeader("server", "pyworker-stand-in");
  // Unlike Node, uvicorn doesn't tell how long it keeps an idle connection; a header of our own keeps Node from it.
  response.setHeader("connection", "keep-alive");
  if (seen.path === "/stand-in/faults" && seen.method === "POST") {
    options.faults.set(JSON.parse(seen.body.toString()));
    sendJson(response, 200, options.faults.current);
  } else if (!(await options.faults.apply(seen.path, response))) {
    await route(seen, response, options);
  }
}

/** Undefined where the client left in the middle of its body. */
async function remember(
  request: IncomingMessage,
  response: ServerResponse,
  requests: SeenRequest[],
): Promise<SeenRequest | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) {
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  const seen: SeenRequest = {
    method: request.method ?? "",
    path: request.url ?? "/",
    headers: request.headers,
    body: Buffer.concat(chunks),
    abortedAt: undefined,
    completed: false,
  };
  requests.push(seen);
  if (requests.length > rememberedRequests) {
    requests.shift();
  }
  response.once("close", () => {
    seen.completed = response.writableFinished;
    seen.abortedAt = response.writableFinished ? undefined : performance.now();
  });
  return seen;
}

async function route(seen: SeenRequest, response: ServerResponse, options: AnswerOptions): Promise<void> {
  const { apiKey, maxModelLen, model } = options;
  if (apiKey !== undefined && seen.path.startsWith("/v1") && seen.headers.authorization !== `Bearer ${apiKey}`) {
    sendJson(response, 401, { error: "Unauthorized" });
    return;
  }
  switch (`${seen.method} ${seen.path}`) {
    case "GET /version":
      return sendJson(response, 200, { version: "0.0.0+stand-in" });
    case "GET /v1/models":
      return sendJson(response, 200, { object: "list", data: [cardOf(model, maxModelLen)] });
    case "POST /tokenize":
      return tokenize(seen, response, maxModelLen);
    case "POST /v1/completions":
      return complete(seen, response, { ...options, isChat: false });
    case "POST /v1/chat/completions":
      return complete(seen, response, { ...options, isChat: true });
    default:
      return sendError(response, 404, "Not Found");
  }
}

const cardOf = (model: string, maxModelLen: number) => ({
  id: model,
  object: "model",
  created: 1_700_000_000,
  owned_by: fingerprint,
  root: model,
  parent: null,
  max_model_len: maxModelLen,
});

function tokenize(seen: SeenRequest, response: ServerResponse, maxModelLen: number): void {
  const count = readTokenizeRequest(seen.body);
  if (count === undefined) {
    sendError(response, 400, "[{'type': 'missing', 'loc': ('body', 'prompt'), 'msg': 'Field required'}]");
    return;
  }
  const tokens = Array.from({ length: count }, (_, index) => index);
  sendJson(response, 200, { count, max_model_len: maxModelLen, tokens, token_strs: null });
}

async function complete(
  seen: SeenRequest,
  response: ServerResponse,
  options: AnswerOptions & { isChat: boolean },
): Promise<void> {
  if (!seen.headers["content-type"]?.startsWith("application/json")) {
    sendError(response, 400, "Unsupported Media Type: Only 'application/json' is allowed");
    return;
  }
  const request = readTextRequest(seen.body, options);
  if ("status" in request) {
    sendError(response, request.status, request.message);
    return;
  }
  await sendReply(response, request, options);
}
