import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createApp, type Endpoint } from "./app.ts";
import { Contract, type Violation } from "./contract.ts";
import { createKeys } from "./keys.ts";
import { Registry, type WorkerView } from "./registry.ts";
import { Router } from "./routing.ts";

export interface EngineOptions {
  /** 0: any free one. */
  port?: number;
  host?: string;
  /** Default: one called "local", with the API key "local". */
  endpoints?: readonly Endpoint[];
  /** Called for each way in which a report breaks the contract. Default: a line on standard error. */
  onViolation?: (violation: Violation) => void;
}

/** A serverless engine for one machine: what a laptop and the tests use instead of Vast's. */
export interface Engine {
  /** Listens. Rejects where the port is taken. */
  start(): Promise<{ url: string }>;
  stop(): Promise<void>;
  workers(): WorkerView[];
  violations(): readonly Violation[];
  /** `request_idx` and status of every request that workers have reported as ended; the last hundred thousand. */
  ended(): ReadonlyMap<number, string>;
  /** Waits for a worker that is as wanted. */
  waitForWorker(predicate: (worker: WorkerView) => boolean, options?: { timeoutMs?: number }): Promise<WorkerView>;
}

const rememberedEnds = 100_000;

export function createEngine({
  port = 0,
  host = "127.0.0.1",
  endpoints = [{ id: 1, name: "local", apiKey: "local" }],
  onViolation = (violation) => console.error(`CONTRACT BROKEN: ${violation.rule}: ${violation.found}`),
}: EngineOptions = {}): Engine {
  const keys = createKeys();
  const registry = new Registry(() => Date.now() / 1000);
  const router = new Router({ registry, keys });
  const violations: Violation[] = [];
  const ended = new Map<number, string>();
  const listeners = new Set<() => void>();
  let server: Server | undefined;

  const contract = new Contract({
    isRouted: (requestIdx) => router.isRouted(requestIdx),
    onViolation: (violation) => {
      violations.push(violation);
      onViolation(violation);
    },
  });
  const announce = (): void => {
    for (const listener of listeners) {
      listener();
    }
  };
  const nextReport = (maxMilliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        listeners.delete(end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(maxMilliseconds, 0));
      listeners.add(end);
    });
  return {
    start: async () => {
      const onDelete = (requestIdx: number, status: string): void => {
        if (ended.size < rememberedEnds) {
          ended.set(requestIdx, status);
        }
      };
      server = createServer(
        createApp({ endpoints, keys, registry, router, contract, nextReport, onReport: announce, onDelete }),
      );
      server.listen(port, host);
      await once(server, "listening");
      const address = server.address();
      const actual = typeof address === "object" && address !== null ? address.port : port;
      return { url: `http://${host}:${actual}` };
    },
    stop: async () => {
      server?.close();
      server?.closeAllConnections();
      announce();
    },
    workers: () => registry.all(),
    violations: () => violations,
    ended: () => ended,
    waitForWorker: async (predicate, { timeoutMs = 60_000 } = {}) => {
      const deadline = Date.now() + timeoutMs;
      while (true) {
        const worker = registry.all().find(predicate);
        if (worker) {
          return worker;
        }
        if (Date.now() >= deadline) {
          throw new Error(`no such worker within ${timeoutMs / 1000} s; there are ${JSON.stringify(registry.all())}`);
        }
        await nextReport(deadline - Date.now());
      }
    },
  };
}
