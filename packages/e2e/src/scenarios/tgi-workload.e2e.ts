import { expect } from "@jest/globals";
import { type ModelServer, type TgiServerOptions, until } from "@pyworker/testing";
import { reported, type WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startTgiServer, startWorker } = createStarters();

interface Pair {
  model: ModelServer;
  worker: WorkerUnderTest;
}

interface Sent {
  route: string;
  payload: Readonly<Record<string, unknown>>;
}

/** A hundred tokens, as bytes are counted and by the stand-in's count. */
const hundred = "word".repeat(100);
const generate: Sent = { route: "/generate", payload: { inputs: hundred } };
const completion: Sent = { route: "/v1/completions", payload: { prompt: hundred } };
const unlimited: readonly Sent[] = [
  generate,
  { route: "/generate_stream", payload: { inputs: hundred } },
  { route: "/", payload: { inputs: hundred } },
  { route: "/", payload: { inputs: hundred, stream: true } },
  completion,
  { route: "/v1/chat/completions", payload: { messages: [{ role: "user", content: hundred }] } },
];

/** A prompt's tokens: a chat's template adds some. */
const promptOf = ({ route }: Sent): number => (route.includes("chat") ? 110 : 100);

async function startPair(options: TgiServerOptions = {}): Promise<Pair> {
  const model = await startTgiServer(options);
  const worker = await startWorker({ program: "tgi", modelUrl: model.url, env: { TOKENIZER: "bytes" } });
  await worker.becomeReady();
  return { model, worker };
}

/** The load while the model leaves these without an answer. */
async function loadOf({ model, worker }: Pair, ...requests: readonly Sent[]): Promise<number> {
  model.faults.set({ stall: true });
  const before = model.requests.length;
  const leave = new AbortController();
  const reports = worker.engine.statuses.length;
  const sent = requests.map(({ payload, route }) =>
    worker.send(route, payload, { signal: leave.signal }).catch(() => undefined),
  );
  // The worker itself may still be asking how the model counts tokens.
  const came = () => model.requests.slice(before).filter(({ path }) => path !== "/tokenize");
  await until(() => came().length === requests.length);
  const load = await worker.metric("pyworker_load");
  // The engine hears the same.
  await until(() => worker.engine.statuses.slice(reports).some(({ cur_load: told }) => told === load));
  leave.abort();
  await Promise.all(sent);
  await until(async () => (await worker.metric("pyworker_load")) === 0);
  model.faults.set({});
  return load;
}

const versions: readonly (TgiServerOptions & { version: string; maxTotalTokens: number; expected: number })[] = [
  { version: "1.4.5", maxTotalTokens: 8192, expected: 100 },
  { version: "2.4.1", maxTotalTokens: 8192, expected: 100 },
  { version: "2.4.1", maxTotalTokens: 150, expected: 100 },
  { version: "3.0.0", maxTotalTokens: 8192, expected: 500 },
  { version: "3.3.7", maxTotalTokens: 300, expected: 500 },
];

for (const { expected, maxTotalTokens, version } of versions) {
  verifies(
    ["tgi/default-length"],
    `expects ${expected} tokens of version ${version} where no limit is given, as far as ${maxTotalTokens} allow`,
    async () => {
      const pair = await startPair({ version, maxTotalTokens });
      const costs = unlimited.map((request) => {
        const prompt = promptOf(request);
        return Math.round(0.25 * prompt + Math.min(expected, maxTotalTokens - prompt));
      });
      expect(await loadOf(pair, ...unlimited)).toBe(costs.reduce((sum, cost) => sum + cost));
    },
  );
}

verifies(["tgi/default-length"], "learns of each route how long its answers without a limit are", async () => {
  const pair = await startPair({ outputTokens: 20 });
  for (let answers = 0; answers < 40; answers += 1) {
    expect((await pair.worker.send(generate.route, generate.payload)).headers.get("x-generated-tokens")).toBe("20");
  }
  expect(await loadOf(pair, generate)).toBe(Math.round(25 + 20 + 480 * 0.95 ** 40));
  expect(await loadOf(pair, completion)).toBe(25 + 500);
});

verifies(["tgi/best-of"], "expects each of several answers, and books them as long as the best", async () => {
  const pair = await startPair({ outputTokens: 20 });
  const { worker } = pair;
  for (const route of ["/generate", "/"]) {
    // Of other magnitudes: what share of one is used is learned.
    for (const [answers, parameters] of [
      [1, { max_new_tokens: 64 }],
      [2, { max_new_tokens: 200, best_of: 2, do_sample: true }],
    ] as const) {
      const request: Sent = { route, payload: { inputs: hundred, parameters } };
      expect([route, answers, await loadOf(pair, request)]).toEqual([
        route,
        answers,
        25 + answers * parameters.max_new_tokens,
      ]);
      await reported(worker);
      const before = worker.engine.sum("cur_perf");
      const answer = await worker.send(route, request.payload);
      expect([answer.status, answer.headers.get("x-generated-tokens")]).toEqual([200, "20"]);
      await answer.text();
      await until(() => worker.engine.sum("cur_perf") === before + 25 + answers * 20, {
        what: () => `${answers} answers of 20 tokens; there are ${worker.engine.sum("cur_perf") - before} served`,
      });
    }
  }
});
