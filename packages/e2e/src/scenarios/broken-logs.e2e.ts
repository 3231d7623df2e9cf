import { appendFile, mkdir, mkdtemp, readFile, rename, rm, rmdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startModel } from "../harness/start-model.ts";
import { listening, startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";
import { said } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();
let worker: WorkerUnderTest;
let log = "";

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-log-"));
  cleanUp(() => rm(folder, { recursive: true }));
  log = join(folder, "late", "model.log");
  const model = await startModel((_request, response) => response.end("done"));
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url, env: { MODEL_LOG: log } });
  cleanUp(() => worker.stop());
  await listening(worker);
});

/** Every line that has matched, as the worker's own log tells, in order. */
const matches = (): string[] =>
  worker.process
    .output()
    .split("\n")
    .filter((line) => line.includes('"model log"'))
    .map((line) => JSON.parse(line).line);

const messages: number[] = [];

/** Lines that match, numbered on from those before. */
function nextLines(count: number): string {
  const first = messages.length + 1;
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  messages.push(...numbers);
  return numbers.map((number) => `Downloading ${number}\nnothing to see\n`).join("");
}

/** Waits for the last line so far, and expects each to have matched once, in order. */
async function expectAllOnce(): Promise<void> {
  const last = `Downloading ${messages.length}`;
  await until(() => matches().includes(last), { what: () => `${last}; the last was ${matches().at(-1)}` });
  expect(matches()).toEqual(messages.map((number) => `Downloading ${number}`));
}

verifies(["F7", "start/late-log"], "waits for a log that comes late, and where a directory stands", async () => {
  await until(() => worker.process.output().includes("model.log does not exist yet"));
  await mkdir(log, { recursive: true });
  await until(() => worker.process.output().includes("model.log is a directory, not a log file"));
  await rmdir(log);
  await writeFile(log, nextLines(3));
  await expectAllOnce();
});

verifies(["F7", "D4"], "reads on behind a truncation, however much is written at once", async () => {
  for (const count of [1, 20]) {
    await truncate(log);
    await appendFile(log, nextLines(count));
    await expectAllOnce();
  }
});

verifies(["F7"], "reads to the end what was written before and after a rotation", async () => {
  await rename(log, `${log}.1`);
  await appendFile(`${log}.1`, nextLines(2));
  await writeFile(log, nextLines(2));
  await expectAllOnce();
  await rm(log);
  await writeFile(log, nextLines(2));
  await expectAllOnce();
});

verifies(["F7"], "doubles nothing when the log is replaced by its own end", async () => {
  // Lines that differ, as a log's do by their times: what is the same everywhere shows no place.
  const filler = (name: string) =>
    Array.from({ length: 5000 }, (_, index) => `${name} ${index} of little note\n`).join("");
  await appendFile(log, filler("a") + nextLines(3) + filler("b"));
  await expectAllOnce();
  const tail = (await readFile(log)).subarray(-150_000);
  expect(tail.includes(`Downloading ${messages.length}`)).toBe(true);
  await writeFile(`${log}.new`, tail);
  await rename(`${log}.new`, log);
  await appendFile(log, nextLines(2));
  await expectAllOnce();
  // The same within one file, as `tail -c … > copy; cat copy > log` does.
  await appendFile(log, filler("c"));
  await writeFile(log, (await readFile(log)).subarray(-120_000));
  await appendFile(log, nextLines(2));
  await expectAllOnce();
});

verifies(["F7", "D4"], "finds a pattern whose halves come apart", async () => {
  // The first half is known to be read when the line so far has matched for something else.
  messages.push(messages.length + 1);
  await appendFile(log, `Downloading ${messages.length}`);
  await expectAllOnce();
  await appendFile(log, " and LOA");
  await appendFile(log, "DED\n");
  await until(() => matches().at(-1)?.endsWith(`${messages.length} and LOADED`));
});

verifies(["F7"], "reads through broken UTF-8 and a line of 10 MB", async () => {
  const before = matches().length;
  await appendFile(log, Buffer.from("\xff\xfe\xc3\x28 Downloading \xc3\n", "latin1"));
  await until(() => matches().length === before + 1);
  const half = "y".repeat(5_000_000);
  await appendFile(log, `${half}Downloading${half}\nDownloading the last\n`);
  await until(() => matches().at(-1) === "Downloading the last");
  expect(matches()).toHaveLength(before + 3);
});

/** Writes 60 MB, and sends requests until they are read. Resolves to the longest request's share of that time. */
async function longestShare(end: string): Promise<number> {
  const line = `${"INFO a line of the usual kind, which says nothing of interest ".repeat(2)}\n`;
  const burst = Buffer.from(`${line.repeat(480_000)}${end}\n`);
  let isDone = false;
  const latencies: number[] = [];
  const sendOn = async (): Promise<void> => {
    while (!isDone && latencies.length < 20_000) {
      const startedAt = performance.now();
      expect((await worker.send("/parallel", {})).status).toBe(200);
      latencies.push(performance.now() - startedAt);
    }
  };
  const sending = sendOn();
  await until(() => latencies.length > 20);
  const writtenAt = performance.now();
  await appendFile(log, burst);
  await said(worker, end);
  const milliseconds = performance.now() - writtenAt;
  isDone = true;
  await sending;
  expect(milliseconds).toBeLessThan(8000);
  return Math.max(...latencies) / Math.min(milliseconds, 1000);
}

verifies(["F7", "D44"], "reads 60 MB at once while requests go on", async () => {
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
  const shares: number[] = [];
  // A busy machine may hold one up, but not each time. Who reads all in one go holds one up for most of it.
  while (shares.length < 3 && Math.min(...shares) >= 0.5) {
    shares.push(await longestShare(`Downloading after burst ${shares.length}`));
  }
  expect(Math.min(...shares)).toBeLessThan(0.5);
});
