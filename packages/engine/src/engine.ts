import { EventEmitter, once } from "node:events";
import { createServer, type Server } from "node:http";
import { BoundedMap } from "./bounded-map.ts";
import { Contract, type Violation } from "./contract.ts";
import { createApp } from "./http/app.ts";
import type { Endpoint } from "./http/parts.ts";
import { createKeys, type SignatureForm, type SignedFields } from "./keys.ts";
import { Registry, type WorkerView } from "./registry.ts";
import { type RouteAnswer, type RouteRequest, Router } from "./routing.ts";

export interface EngineOptions {
  /** Default 0: any free one. */
  port?: number;
  host?: string;
  /** Default: one called "local", with the API key "local". */
  endpoints?: readonly Endpoint[];
  /** What the signatures of `/route/` cover. */
  signatureForm?: SignatureForm;
  /** How long `/route/` holds a client while no worker is ready. */
  holdMs?: number;
  /** Called for each way in which a report breaks the contract. Default: a line on standard error. */
  onViolation?: (violation: Violation) => void;
  /** Unix seconds. */
  now?: () => number;
}

/** A serverless engine for one machine: what a laptop and the tests use instead of Vast's. */
export interface Engine {
  readonly publicKeyPem: string;
  /** Listens. Rejects where the port is taken. After a stop it comes back to the same address. */
  start(): Promise<{ url: string }>;
  /** Lets go of the port and of every connection. What is known of workers stays. */
  stop(): Promise<void>;
  /** The base64 signature of `{url}`, or of all fields. */
  sign(fields: SignedFields, form?: SignatureForm): string;
  /** What `/route/` would answer; undefined while no worker is ready. */
  route(request: RouteRequest): RouteAnswer | undefined;
  workers(): WorkerView[];
  /** The last thousand. */
  violations(): readonly Violation[];
  /** `request_idx` and status of requests that workers have reported as ended; the last hundred thousand. */
  ended(): ReadonlyMap<number, string>;
  /** Waits for a worker that is as wanted. Rejects after `timeoutMs` (default a minute), or when the engine stops. */
  waitForWorker(predicate: (worker: WorkerView) => boolean, options?: { timeoutMs?: number }): Promise<WorkerView>;
}

const rememberedEnds = 100_000;
const rememberedViolations = 1000;

export function createEngine({
  port = 0,
  host = "127.0.0.1",
  endpoints = [{ id: 1, name: "local", apiKey: "local" }],
  signatureForm = "url",
  holdMs = 2000,
  onViolation = sayLoudly,
  now = () => Date.now() / 1000,
}: EngineOptions = {}): Engine {
  const keys = createKeys();
  const registry = new Registry(now);
  const router = new Router({ registry, keys, form: signatureForm });
  const violations: Violation[] = [];
  const ended = new BoundedMap<number, string>(rememberedEnds);
  const reports = new EventEmitter().setMaxListeners(0);
  const contract = new Contract({
    now,
    end: (requestIdx) => router.end(requestIdx),
    onViolation: (violation) => {
      violations.push(violation);
      violations.splice(0, violations.length - rememberedViolations);
      onViolation(violation);
    },
  });
  const nextReport = async (signal: AbortSignal): Promise<void> => {
    await once(reports, "report", { signal }).catch(() => undefined);
  };
  const onReport = (): void => void reports.emit("report");
  const onEnded = (requestIdx: number, status: string): void => void ended.set(requestIdx, status);
  let server: Server | undefined;
  let stopping = new AbortController();
  let lastPort = port;

  return {
    publicKeyPem: keys.publicKeyPem,
    start: async () => {
      stopping = new AbortController();
      const parts = { endpoints, keys, registry, router, contract, violations, onReport, onEnded, nextReport, holdMs };
      server = createServer(createApp(parts)).listen(lastPort, host);
      await once(server, "listening");
      const address = server.address();
      lastPort = typeof address === "object" && address !== null ? address.port : lastPort;
      return { url: `http://${host.includes(":") ? `[${host}]` : host}:${lastPort}` };
    },
    stop: async () => {
      stopping.abort();
      const closing = server;
      server = undefined;
      await new Promise<void>((resolve) => {
        closing?.close(() => resolve()) ?? resolve();
        closing?.closeAllConnections();
      });
    },
    sign: keys.sign,
    route: (request) => router.route(request),
    workers: () => registry.all(),
    violations: () => violations,
    ended: () => ended,
    waitForWorker: async (predicate, { timeoutMs = 60_000 } = {}) => {
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), stopping.signal]);
      while (true) {
        const worker = registry.all().find(predicate);
        if (worker) {
          return worker;
        }
        if (signal.aborted) {
          const why = stopping.signal.aborted ? "the engine has stopped" : `none within ${timeoutMs / 1000} s`;
          throw new Error(`no such worker: ${why}; there are ${JSON.stringify(registry.all())}`);
        }
        await nextReport(signal);
      }
    },
  };
}

function sayLoudly({ found, rule, workerId }: Violation): void {
  console.error(`CONTRACT BROKEN by worker ${workerId ?? "?"}: ${rule}\n  found: ${found.replaceAll("\n", "\n  ")}`);
}
