import { appendFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createFaults, type FaultSettings, type Faults } from "./faults.ts";

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

export interface VllmServerOptions {
  port?: number;
  model?: string;
  maxModelLen?: number;
  /** Where lines as vLLM writes them go. */
  logFile?: string;
  /** How long it "loads" before it listens and says so in its log. */
  startDelayMs?: number;
  msPerToken?: number;
  /** Idle connections are closed after so long; 5000, like uvicorn. */
  keepAliveTimeoutMs?: number;
  faults?: FaultSettings;
}

/** A model server that answers like vLLM and says that it isn't one. */
export interface VllmServer {
  readonly url: string;
  readonly port: number;
  readonly logFile: string | undefined;
  readonly requests: readonly SeenRequest[];
  readonly faults: Faults;
  /** Appends lines to the log. */
  log(...lines: string[]): Promise<void>;
  /** Drops every connection and the port, as a killed process does. */
  kill(): Promise<void>;
  /** Loads again on the same port, and says so in the log. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const rememberedRequests = 1000;
const fingerprint = "stand-in";
const words = "This is a stand-in model: it has no weights and says what it was told to say , over and over .".split(
  " ",
);

export async function startVllmServer(options: VllmServerOptions = {}): Promise<VllmServer> {
  const { logFile, startDelayMs = 0, keepAliveTimeoutMs = 5000 } = options;
  const faults = createFaults(options.faults);
  const requests: SeenRequest[] = [];
  let server: Server;
  let port = options.port ?? 0;

  const log = async (...lines: string[]): Promise<void> => {
    if (logFile !== undefined) {
      await appendFile(logFile, lines.map((line) => `${line}\n`).join(""));
    }
  };
  const listen = async (): Promise<void> => {
    await log("(APIServer pid=1) INFO 11-23 10:00:00 [api_server.py:100] Initializing a V1 LLM engine (stand-in)");
    await sleep(startDelayMs);
    server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
      void answer({ request, response, options, faults, requests });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : port;
    await log(
      `(APIServer pid=1) INFO 11-23 10:00:01 [launcher.py:42] Starting vLLM API server 0 on http://127.0.0.1:${port}`,
      "(APIServer pid=1) INFO:     Application startup complete.",
    );
  };
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  const loading = listen();
  if (startDelayMs === 0) {
    await loading;
  } else {
    port ||= await freePort();
  }
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    logFile,
    requests,
    faults,
    log,
    kill,
    restart: listen,
    stop: async () => {
      await loading;
      await kill();
    },
  };
}

/** A port that was free a moment ago; for a server that listens later. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  options: VllmServerOptions;
  faults: Faults;
  requests: SeenRequest[];
}

async function answer({ request, response, options, faults, requests }: Exchange): Promise<void> {
  const path = request.url ?? "/";
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const seen: SeenRequest = {
    method: request.method ?? "",
    path,
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
  response.setHeader("server", "pyworker-stand-in");
  if (path === "/stand-in/faults" && request.method === "POST") {
    faults.set(JSON.parse(seen.body.toString()));
    sendJson(response, 200, faults.current);
  } else if (!(await faults.apply(path, response))) {
    await route(seen, response, { options, faults });
  }
}

interface RouteContext {
  options: VllmServerOptions;
  faults: Faults;
}

async function route(seen: SeenRequest, response: ServerResponse, context: RouteContext): Promise<void> {
  const { model = "stand-in", maxModelLen = 8192 } = context.options;
  const key = `${seen.method} ${seen.path}`;
  if (key === "GET /health" || key === "GET /ping") {
    response.end();
  } else if (key === "GET /version") {
    sendJson(response, 200, { version: "0.0.0+stand-in" });
  } else if (key === "GET /v1/models") {
    sendJson(response, 200, {
      object: "list",
      data: [{ id: model, object: "model", owned_by: fingerprint, max_model_len: maxModelLen }],
    });
  } else if (key === "POST /v1/completions" || key === "POST /v1/chat/completions" || key === "POST /tokenize") {
    await complete(seen, response, context);
  } else {
    sendError(response, 404, "Not Found");
  }
}

interface CompletionBody {
  model?: string | null;
  prompt?: unknown;
  messages?: unknown;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
}

async function complete(seen: SeenRequest, response: ServerResponse, { options, faults }: RouteContext): Promise<void> {
  const { model = "stand-in", maxModelLen = 8192, msPerToken = 0 } = options;
  const body = parseBody(seen.body);
  if (body === undefined) {
    sendError(response, 400, "the body is not a JSON object");
    return;
  }
  const promptTokens = countTokens(body.prompt ?? body.messages);
  if (seen.path === "/tokenize") {
    sendJson(response, 200, { count: promptTokens, max_model_len: maxModelLen, tokens: [] });
    return;
  }
  const isChat = seen.path === "/v1/chat/completions";
  const tokens = body.max_completion_tokens ?? body.max_tokens ?? 16;
  const fault = requestFault(body, { model, tokens, promptTokens, maxModelLen });
  if (fault !== undefined) {
    sendError(response, fault.startsWith("The model") ? 404 : 400, fault);
    return;
  }
  const reply = {
    isChat,
    model,
    tokens,
    promptTokens,
    msPerToken,
    includeUsage: body.stream_options?.include_usage ?? body.stream_options !== undefined,
  };
  await (body.stream === true ? streamReply(response, reply, faults) : wholeReply(response, reply));
}

interface Limits {
  model: string;
  tokens: number;
  promptTokens: number;
  maxModelLen: number;
}

function requestFault(body: CompletionBody, { model, tokens, promptTokens, maxModelLen }: Limits): string | undefined {
  if (body.model !== undefined && body.model !== null && body.model !== model) {
    return `The model \`${body.model}\` does not exist.`;
  }
  if (body.stream_options !== undefined && body.stream !== true) {
    return "Stream options can only be defined when `stream=True`.";
  }
  return promptTokens + tokens > maxModelLen ? "'max_tokens' or 'max_completion_tokens' is too large" : undefined;
}

interface Reply {
  isChat: boolean;
  model: string;
  tokens: number;
  promptTokens: number;
  msPerToken: number;
  includeUsage: boolean;
}

const usageOf = ({ promptTokens, tokens }: Reply) => ({
  prompt_tokens: promptTokens,
  total_tokens: promptTokens + tokens,
  completion_tokens: tokens,
});

const wordAt = (index: number): string => `${index === 0 ? "" : " "}${words[index % words.length]}`;

async function wholeReply(response: ServerResponse, reply: Reply): Promise<void> {
  const { isChat, model, msPerToken, tokens } = reply;
  if (msPerToken > 0) {
    await sleep(msPerToken * tokens);
  }
  const text = Array.from({ length: tokens }, (_, index) => wordAt(index)).join("");
  const choice = isChat ? { message: { role: "assistant", content: text } } : { text };
  sendJson(response, 200, {
    id: "cmpl-stand-in",
    object: isChat ? "chat.completion" : "text_completion",
    model,
    system_fingerprint: fingerprint,
    choices: [{ index: 0, ...choice, finish_reason: "length" }],
    usage: usageOf(reply),
  });
}

async function streamReply(response: ServerResponse, reply: Reply, faults: Faults): Promise<void> {
  const { includeUsage, isChat, model, msPerToken, tokens } = reply;
  const event = (rest: object): string =>
    `data: ${JSON.stringify({ id: "cmpl-stand-in", object: isChat ? "chat.completion.chunk" : "text_completion", model, ...rest })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  if (isChat) {
    response.write(event({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] }));
  }
  for (let index = 0; index < tokens && !response.destroyed; index += 1) {
    if (await faults.applyToChunk(index, response)) {
      return;
    }
    const finish = index === tokens - 1 ? "length" : null;
    const choice = isChat ? { delta: { content: wordAt(index) } } : { text: wordAt(index) };
    response.write(event({ choices: [{ index: 0, ...choice, finish_reason: finish }] }));
    if (msPerToken > 0) {
      await sleep(msPerToken);
    }
  }
  if (includeUsage) {
    response.write(event({ choices: [], usage: usageOf(reply) }));
  }
  response.end("data: [DONE]\n\n");
}

function parseBody(bytes: Buffer): CompletionBody | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const countTokens = (value: unknown): number =>
  Math.ceil((typeof value === "string" ? value : JSON.stringify(value ?? "")).length / 4);

function sendError(response: ServerResponse, status: number, message: string): void {
  const type = status === 404 ? "NotFoundError" : "BadRequestError";
  sendJson(response, status, { error: { message, type, param: null, code: status } });
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
