import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createTokenCounter } from "@pyworker/tokens";
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
    const counter = createTokenCounter();
    await counter.load();
    const measureCount = async (prompt: string): Promise<number> => {
      const startedAt = performance.now();
      counter.count(prompt);
      return performance.now() - startedAt;
    };
    const lines: Line[] = [];
    for (const [size, bytes] of Object.entries(sizes)) {
      const prompts = new Map(Object.entries(contents).map(([name, make]) => [name, make(bytes)]));
      const subject = `${what} of ${size}, the worst`;
      lines.push(worst(subject, await inTurn(prompts, bench.rounds, measureBlock)));
      lines.push(worst(`one count of ${size}, the worst`, await inTurn(prompts, bench.rounds, measureCount)));
    }
    await connection.close();
    return lines;
  },
};

function worst(subject: string, samples: ReadonlyMap<string, readonly number[]>): Line {
  const sorted = [...samples].sort(([, left], [, right]) => median(right) - median(left));
  const [content, ours] = sorted[0] ?? ["", []];
  const line = absolute({ row, what: `${subject}: ${content}`, format: milliseconds, ours, goal: atMost(50, " ms") });
  return { ...line, samples: Object.fromEntries(samples) };
}
