import { appendFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Exchange, findHandler, type ModelSettings, pathOf, type Routes } from "./exchange.ts";
import { createFaults, type FaultSettings, type Faults, isProbe } from "./faults.ts";
import { freePort } from "./free-ports.ts";
import { listenOn } from "./listen-on.ts";
import { type SeenRequest, see } from "./seen-request.ts";
import { sendJson } from "./send-json.ts";

export interface ModelServerOptions {
  port?: number;
  model?: string;
  maxModelLen?: number;
  /** Where lines as the server writes them go. */
  logFile?: string;
  /** Whether they are as a terminal gets them: coloured where the server does that, and ended by `\r\n`. */
  pty?: boolean;
  /** How long it "loads" before it says so in its log and serves. */
  startDelayMs?: number;
  msPerToken?: number;
  /** How long it reads a token of a prompt for text before it answers. */
  msPerPromptToken?: number;
  /** Prompt tokens that usage says were cached; left out: usage says nothing of that. */
  cachedTokens?: number;
  /** Where an answer ends that nothing else ends before; left out: where the request says. */
  outputTokens?: number | ((request: SeenRequest) => number);
  /** How many tokens a chunk of a stream brings; 1 where left out. */
  tokensPerChunk?: number;
  /** The key that it asks for. */
  apiKey?: string;
  /** Idle connections are closed after so long; 5000, like uvicorn. */
  keepAliveTimeoutMs?: number;
  faults?: FaultSettings;
}

/** A model server that answers like a real one and says that it isn't one. */
export interface ModelServer {
  readonly url: string;
  readonly port: number;
  readonly logFile: string | undefined;
  /** What it was asked, its health left out. */
  readonly requests: readonly SeenRequest[];
  /** Who asked for its health, which a worker does every few seconds. */
  readonly probes: readonly SeenRequest[];
  readonly faults: Faults;
  /** Appends lines to the log. */
  log(...lines: string[]): Promise<void>;
  /** Drops every connection and the port, as a killed process does. */
  kill(): Promise<void>;
  /** Loads again on the same port, and says so in the log. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What tells one server from another. */
export interface Dialect {
  routes: Routes;
  errorBody(status: number, message: string): object;
  /** Whether a request has to bring the key. */
  guards(request: SeenRequest): boolean;
  /** The answer to a request without it. */
  unauthorized(response: ServerResponse): void;
  /** Its log before the weights, with them, and when all is ready. */
  starting(port: number): string[];
  loading(): string[];
  ready(port: number): string[];
  /** A line as a terminal gets it. */
  colour?(line: string): string;
  /** Set where it listens while it loads: what it answers until it has. */
  whileLoading?(exchange: Exchange): void;
  /** Hears of each answer that a fault has given. */
  failed?(request: SeenRequest, status: number | undefined): void;
  /** A line for each request, once answered. */
  access?(request: SeenRequest, status: number): string[];
  /** Takes a request for a WebSocket; left out: it is refused. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export async function startModelServer(
  createDialect: (settings: ModelSettings) => Dialect,
  options: ModelServerOptions,
): Promise<ModelServer> {
  const { apiKey, keepAliveTimeoutMs = 5000, logFile, pty = false, startDelayMs = 0 } = options;
  const faults = createFaults(options.faults);
  const requests: SeenRequest[] = [];
  const probes: SeenRequest[] = [];
  const settings: ModelSettings = {
    model: options.model ?? "stand-in",
    maxModelLen: options.maxModelLen ?? 8192,
    msPerToken: options.msPerToken ?? 0,
    msPerPromptToken: options.msPerPromptToken ?? 0,
    cachedTokens: options.cachedTokens,
    outputTokens: options.outputTokens,
    tokensPerChunk: options.tokensPerChunk ?? 1,
    faults,
  };
  const dialect = createDialect(settings);
  const port = options.port || (await freePort());
  let server: Server | undefined;
  let isLoaded = false;

  const log = async (...lines: string[]): Promise<void> => {
    if (logFile !== undefined && lines.length > 0) {
      const colour = dialect.colour ?? ((line: string) => line);
      await appendFile(logFile, lines.map((line) => (pty ? `${colour(line)}\r\n` : `${line}\n`)).join(""));
    }
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen = await see(request, response, isProbe(pathOf(request.url ?? "/")) ? probes : requests);
    if (seen === undefined) {
      return;
    }
    response.setHeader("server", "pyworker-stand-in");
    // Unlike Node, uvicorn doesn't tell how long it keeps an idle connection; a header of our own keeps Node from it.
    response.setHeader("connection", "keep-alive");
    const refuse = (status: number, message: string) => sendJson(response, status, dialect.errorBody(status, message));
    const path = pathOf(seen.path);
    if (path === "/stand-in/faults" && seen.method === "POST") {
      faults.set(JSON.parse(seen.body.toString()));
      sendJson(response, 200, faults.current);
      return;
    }
    const exchange: Exchange = { seen, response, settings, refuse };
    if (!isLoaded && dialect.whileLoading !== undefined) {
      dialect.whileLoading(exchange);
    } else if (await faults.apply({ path, response, refuse })) {
      dialect.failed?.(seen, faults.current.status);
    } else if (apiKey !== undefined && dialect.guards(seen) && seen.headers.authorization !== `Bearer ${apiKey}`) {
      dialect.unauthorized(response);
    } else {
      const handle = findHandler(dialect.routes, seen) ?? (() => refuse(404, "Not Found"));
      await handle(exchange);
    }
    await log(...(dialect.access?.(seen, response.statusCode) ?? []));
  };
  const listen = (): Promise<void> => {
    server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, keepAliveTimeoutBuffer: 0 }, (request, response) => {
      answer(request, response).catch((error: Error) => response.destroy(error));
    });
    if (dialect.upgrade !== undefined) {
      server.on("upgrade", dialect.upgrade);
    }
    return listenOn(server, port);
  };
  const load = async (): Promise<void> => {
    isLoaded = false;
    const listensEarly = dialect.whileLoading !== undefined;
    if (listensEarly) {
      await listen();
    }
    await log(...dialect.starting(port));
    await sleep(startDelayMs / 2);
    await log(...dialect.loading());
    await sleep(startDelayMs / 2);
    // In this order: whoever trusts the line alone finds the port closed.
    await log(...dialect.ready(port));
    isLoaded = true;
    if (!listensEarly) {
      await listen();
    }
  };
  const kill = async (): Promise<void> => {
    const closed = new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
    server?.closeAllConnections();
    await closed;
  };

  const loading = load();
  if (startDelayMs === 0) {
    await loading;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    logFile,
    requests,
    probes,
    faults,
    log,
    kill,
    restart: load,
    stop: async () => {
      await loading;
      await kill();
    },
  };
}
