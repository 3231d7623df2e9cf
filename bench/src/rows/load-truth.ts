import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@pyworker/engine";
import { seededRandom, startVllmServer } from "@pyworker/testing";
import { Agent, request } from "undici";
import type { Bench } from "../bench.ts";
import { compared, showNumber } from "../line.ts";
import { signedPayload } from "../load/bodies.ts";
import { type MixedRequest, nextRequest } from "../load/realistic-mix.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";
import type { RunningEngine } from "../start-engine.ts";
import type { WorkerTarget } from "../target.ts";
import { makeReady, startVllmWorker } from "../workers/start-worker.ts";

const row = "L1";
const what = "reported load against true tokens, on a realistic mix";
const requestsPerSecond = 20;
const millisecondsPerToken = 5;
const promptWeight = 0.25;

const percent = (value: number): string => `${showNumber(value)} %`;

/** How far what the engine is told is from what the model has to do, in flight and afterwards. */
export const loadTruth: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const engine = await stage.engine();
    const model = await startVllmServer({
      maxModelLen: 32_768,
      msPerToken: millisecondsPerToken,
      // What a prompt token is priced at is what it takes.
      msPerPromptToken: promptWeight * millisecondsPerToken,
      outputTokens: ({ body }) => Number(JSON.parse(body.toString()).user),
    });
    bench.cleanUps.add(() => model.stop());
    const start = async (count: "tokens" | "max_tokens"): Promise<WorkerTarget> => {
      const settings = { name: count, engineUrl: engine.url, modelUrl: model.url, env: { WORKLOAD_COUNT: count } };
      const worker = await startVllmWorker(bench, settings);
      await makeReady(engine, worker);
      return worker;
    };
    const workers = new Map([
      ["tokens", { worker: await start("tokens"), priceOf: tokensOf }],
      // In its own unit: output tokens, without the prompt.
      ["max_tokens", { worker: await start("max_tokens"), priceOf: outputOf }],
    ] as const);
    const samples = await inTurn(workers, 1, (subject) => measureErrors(bench, engine, subject));
    const figures = (name: "tokens" | "max_tokens", figure: keyof Errors) =>
      (samples.get(name) ?? []).map((sample) => sample[figure]);
    const line = (of: string, figure: keyof Errors) => {
      const measured = { row, what: `${what}: ${of}`, format: percent, ours: figures("tokens", figure) };
      return compared({ ...measured, peer: { name: "max_tokens", samples: figures("max_tokens", figure) } });
    };
    return [line("error of all that was served", "served"), line("mean error of the load in flight", "inFlight")];
  },
};

/** Percent of the truth. */
interface Errors {
  served: number;
  inFlight: number;
}

/** A request that the model has not finished. */
interface Open extends MixedRequest {
  promptTokens: number;
  /** Tokens that it has answered. */
  produced(): number;
}

interface Subject {
  worker: WorkerTarget;
  /** What is still to be done of a request, in the unit in which this worker counts. */
  priceOf(request: Pick<Open, "outputTokens" | "promptTokens">, produced: number): number;
}

const tokensOf: Subject["priceOf"] = ({ outputTokens, promptTokens }, produced) =>
  outputTokens - produced + (produced === 0 ? promptWeight * promptTokens : 0);
const outputOf: Subject["priceOf"] = ({ outputTokens }, produced) => outputTokens - produced;

async function measureErrors(bench: Bench, running: RunningEngine, { worker, priceOf }: Subject): Promise<Errors> {
  const open = new Set<Open>();
  let trulyServed = 0;
  let reportedServed = 0;
  const gaps: number[] = [];
  const loads: number[] = [];
  const done = new AbortController();
  const watching = watchReports(
    { engine: running.engine, worker, signal: done.signal },
    ({ cur_load: load, cur_perf: served }) => {
      reportedServed += served;
      const trueLoad = [...open].reduce((sum, request) => sum + priceOf(request, request.produced()), 0);
      if (trueLoad > 0 || load > 0) {
        gaps.push(Math.abs(load - trueLoad));
        loads.push(trueLoad);
      }
    },
  );
  const random = seededRandom(7);
  const pending: Promise<void>[] = [];
  for (let sent = 0; sent < requestsPerSecond * bench.seconds * 5; sent += 1) {
    const mixed = nextRequest(random);
    pending.push(
      send(mixed, { engine: running.engine, open, worker }).then((request) => {
        trulyServed += priceOf(request, 0);
      }),
    );
    await sleep((-Math.log(1 - random()) * 1000) / requestsPerSecond);
  }
  await Promise.all(pending);
  const enough = performance.now() + 5000;
  while (Math.abs(reportedServed - trulyServed) > 0.5 && performance.now() < enough) {
    await sleep(100);
  }
  done.abort();
  await watching;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    served: (100 * Math.abs(reportedServed - trulyServed)) / trulyServed,
    inFlight: (100 * sum(gaps)) / sum(loads),
  };
}

interface Sending {
  engine: Engine;
  worker: WorkerTarget;
  /** Where the request is while it is being answered. */
  open: Set<Open>;
}

/** Sends one request, and resolves when it has been answered. */
async function send(mixed: MixedRequest, { engine, open, worker }: Sending): Promise<Open> {
  const startedAt = performance.now();
  let events = 0;
  const { outputTokens, payload } = mixed;
  // As the stand-in counts.
  const promptTokens = Math.ceil(JSON.stringify(payload.messages).length / 4);
  const producedBy = (milliseconds: number): number =>
    Math.min(outputTokens, Math.max(0, Math.floor(milliseconds / millisecondsPerToken - promptWeight * promptTokens)));
  const sent: Open = {
    ...mixed,
    promptTokens,
    produced: () => (payload.stream ? Math.min(outputTokens, events) : producedBy(performance.now() - startedAt)),
  };
  open.add(sent);
  const answer = await request(`${worker.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: signedPayload(engine, { url: worker.url, payload }),
    dispatcher: connections,
  });
  for await (const chunk of answer.body) {
    events += String(chunk).split("\n\n").length - 1;
  }
  open.delete(sent);
  if (answer.statusCode !== 200) {
    throw new Error(`${worker.url} answered ${answer.statusCode}`);
  }
  return sent;
}

const connections = new Agent();

interface Watching {
  engine: Engine;
  worker: WorkerTarget;
  signal: AbortSignal;
}

/** Calls back with each report of a worker, as the engine gets it. */
async function watchReports(
  { engine, signal, worker }: Watching,
  onReport: (report: { cur_load: number; cur_perf: number }) => void,
): Promise<void> {
  let last = engine.workers().find(({ id }) => id === worker.id)?.report;
  while (!signal.aborted) {
    const isNew = ({ id, report }: { id: number; report: object }) => id === worker.id && report !== last;
    const next = await engine.waitForWorker(isNew, { timeoutMs: 15_000 }).catch(() => undefined);
    if (next !== undefined) {
      last = next.report;
      onReport(next.report);
    }
  }
}
