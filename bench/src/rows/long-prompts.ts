import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createTokenCounter, type TokenCounter } from "@pyworker/tokens";
import type { Bench } from "../bench.ts";
import { absolute, atMost, type Line, milliseconds } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { openConnection } from "../load/latency.ts";
import { startProber } from "../load/prober.ts";
import { streamPath } from "../model/start-model.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";
import type { Stage } from "../stage.ts";
import { median } from "../statistics.ts";
import type { WorkerTarget } from "../target.ts";
import { makeReady, startVllmWorker } from "../workers/start-worker.ts";

const row = "P8";
const what = "longest block of the event loop by one prompt";
/** What a worker puts off until after the answer blocks as well. */
const afterMilliseconds = 200;

/** Texts that tokenizers choke on, of so many bytes. */
const contents: Readonly<Record<string, (bytes: number) => string>> = {
  "aaaa…": (bytes) => "a".repeat(bytes),
  spaces: (bytes) => " ".repeat(bytes),
  newlines: (bytes) => "\n".repeat(bytes),
  "!!!!…": (bytes) => "!".repeat(bytes),
  Chinese: (bytes) => "天地玄黃宇宙洪荒日月盈昃辰宿列張".repeat(bytes / 48),
  base64: (bytes) => randomBytes((bytes / 4) * 3).toString("base64"),
};
/** What a worker may count by: encodings, and models' own files, which the tests of @pyworker/tokens bring. */
const tokenizers: Readonly<Record<string, string>> = {
  cl100k_base: "cl100k_base",
  o200k_base: "o200k_base",
  "Llama 3's own": modelFolder("tokenizer-llama3"),
  "Qwen 2.5's own": modelFolder("tokenizer-qwen2_5"),
};
/** How the model answers: for four tenths of a second. */
const events = 200;
const millisecondsPerEvent = 2;
const sizes = { "100 KB": 100_000, "1 MB": 1_000_000 };

/** For how long a single prompt keeps all other requests waiting, as they notice it from outside; and how long one count takes. */
export const longPrompts: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const lines: Line[] = [];
    for (const [name, tokenizer] of Object.entries(tokenizers)) {
      const { url } = await startWorker(bench, stage, tokenizer);
      const connection = openConnection(url);
      const counter = await loadCounter(tokenizer);
      const measureBlock = async (prompt: string): Promise<number> => {
        const body = signedBody(engine, { prompt: unheardOf(prompt), url });
        const prober = startProber(url, { path: "/session/health", body: Buffer.from('{"session_id":"none"}') });
        await connection.post(body);
        await sleep(afterMilliseconds);
        return Math.max(...(await prober.stop()));
      };
      const measureCount = async (prompt: string): Promise<number> => {
        // The engine lives in this process too.
        await nextTurn();
        const unheard = unheardOf(prompt);
        const startedAt = performance.now();
        counter.count(unheard);
        return performance.now() - startedAt;
      };
      for (const [size, bytes] of Object.entries(sizes)) {
        const prompts = new Map(Object.entries(contents).map(([content, make]) => [content, make(bytes)]));
        const by = `${size} by ${name}, the worst`;
        lines.push(worst(`${what} of ${by}`, await inTurn(prompts, bench.rounds, measureBlock)));
        lines.push(worst(`one count of ${by}`, await inTurn(prompts, bench.rounds, measureCount)));
      }
      await connection.close();
    }
    return lines;
  },
};

/** A worker whose model answers for long enough that the prompt is counted meanwhile. */
async function startWorker(bench: Bench, stage: Stage, tokenizer: string): Promise<WorkerTarget> {
  const { engineUrl, modelUrl } = await stage.urls();
  const model = modelUrl + streamPath(events, millisecondsPerEvent);
  const settings = { name: "tokenizer", engineUrl, modelUrl: model, env: { TOKENIZER: tokenizer } };
  const worker = await startVllmWorker(bench, settings);
  await makeReady(await stage.engine(), worker);
  return worker;
}

async function loadCounter(tokenizer: string): Promise<TokenCounter> {
  const counter = createTokenCounter({ tokenizer });
  const { problem } = await counter.load();
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return counter;
}

function modelFolder(name: string): string {
  return fileURLToPath(new URL(`../../../packages/tokens/node_modules/@lenml/${name}/models`, import.meta.url));
}

/** The same prompt, as far as its length goes, with an end of its own: counts of texts that came before are remembered. */
function unheardOf(prompt: string): string {
  const mark = randomBytes(8).toString("hex");
  return prompt.slice(0, -mark.length) + mark;
}

function worst(subject: string, samples: ReadonlyMap<string, readonly number[]>): Line {
  const sorted = [...samples].sort(([, left], [, right]) => median(right) - median(left));
  const [content, ours] = sorted[0] ?? ["", []];
  const line = absolute({ row, what: `${subject}: ${content}`, format: milliseconds, ours, goal: atMost(50, " ms") });
  return { ...line, samples: Object.fromEntries(samples) };
}
