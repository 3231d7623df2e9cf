import { appendFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createFaults, type FaultSettings, type Faults } from "../faults.ts";
import { answer, type SeenRequest } from "./answer.ts";
import { colourLine, vllmLogLines } from "./log-lines.ts";

export interface VllmServerOptions {
  port?: number;
  model?: string;
  maxModelLen?: number;
  /** Where lines as vLLM writes them go. */
  logFile?: string;
  /** Whether they are as a terminal gets them: coloured, and ended by `\r\n`. */
  pty?: boolean;
  /** How long it "loads" before it says so in its log and listens. */
  startDelayMs?: number;
  msPerToken?: number;
  /** Prompt tokens that usage says were cached; left out: usage says nothing of that. */
  cachedTokens?: number;
  /** The key that `/v1` asks for. */
  apiKey?: string;
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

export async function startVllmServer(options: VllmServerOptions = {}): Promise<VllmServer> {
  const { apiKey, cachedTokens, keepAliveTimeoutMs = 5000, logFile, msPerToken = 0, pty = false } = options;
  const { model = "stand-in", maxModelLen = 8192, startDelayMs = 0 } = options;
  const faults = createFaults(options.faults);
  const requests: SeenRequest[] = [];
  const answerOptions = { model, maxModelLen, msPerToken, cachedTokens, apiKey, faults, requests };
  const port = options.port || (await freePort());
  let server: Server | undefined;

  const log = async (...lines: string[]): Promise<void> => {
    if (logFile !== undefined) {
      await appendFile(logFile, lines.map((line) => (pty ? `${colourLine(line)}\r\n` : `${line}\n`)).join(""));
    }
  };
  const load = async (): Promise<void> => {
    await log(...vllmLogLines.starting(model));
    await sleep(startDelayMs / 2);
    await log(...vllmLogLines.loading(model, maxModelLen));
    await sleep(startDelayMs / 2);
    // In this order: whoever trusts the line alone finds the port closed.
    await log(...vllmLogLines.ready(port));
    server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, keepAliveTimeoutBuffer: 0 }, (request, response) => {
      answer(request, response, answerOptions).catch((error: Error) => response.destroy(error));
    });
    await listen(server, port);
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

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** A port that was free a moment ago; for a server that listens later. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await listen(probe, 0);
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
