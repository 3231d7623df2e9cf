import { appendFile, mkdir, rename, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "@jest/globals";
import type { Model } from "../harness/start-model.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { isIn, said, statusAfter } from "../harness/wait-for.ts";

const { makeFolder, startModel, startVllmServer, startWorker } = createStarters();
let model: Model;
/** Ready again and again, by whatever its log says. */
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startModel((_request, response) => response.end());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
});

const isReady = ({ max_perf }: { max_perf?: unknown }): boolean => Number(max_perf) > 0;
const becomeErrored = (pattern: string, ...lines: string[]) =>
  statusAfter(
    worker.engine,
    () => worker.log(...lines),
    ({ error_msg }) => error_msg === pattern,
  );
const becomeReady = async (): Promise<void> => {
  if (!(await isIn(worker, "ready"))) {
    await statusAfter(worker.engine, () => worker.log("LOADED"), isReady);
  }
};

verifies(["start/late-log"], "waits for a log file that comes later", async () => {
  const folder = join(await makeFolder(), "not", "yet", "there");
  const later = await startWorker({
    program: "every-feature",
    modelUrl: model.url,
    env: { MODEL_LOG: join(folder, "model.log") },
  });
  await said(later, "does not exist yet");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.log"), "LOADED\n");
  await later.engine.status(isReady);
  expect(later.process.output()).toContain("reading the model log");
});

verifies(["start/substring"], "finds a pattern anywhere in a line, coloured or prefixed, in its own case", async () => {
  const server = await startVllmServer();
  const vllm = await startWorker({ modelUrl: server.url, env: { MODEL_INFO_LOG_MSGS: "marker" } });
  await vllm.log("application startup complete.", "Application startup", " complete.", "marker one");
  await said(vllm, "marker one");
  expect(await isIn(vllm, "loading")).toBe(true);
  await vllm.log("\u001b[1;36m(APIServer pid=7)\u001b[0;0m INFO:     Application startup complete.\u001b[0m \r");
  await vllm.engine.status(isReady);
});

verifies(["start/load-clears-error", "D5", "D6"], "becomes ready by a load line after a stale error line", async () => {
  const logFile = join(await makeFolder(), "stale.log");
  await writeFile(logFile, "FATAL: from an earlier run\nsomething else\n");
  const stale = await startWorker({ program: "every-feature", modelUrl: model.url, env: { MODEL_LOG: logFile } });
  await stale.engine.status(({ error_msg }) => error_msg === "FATAL");
  await appendFile(logFile, "LOADED\n");
  expect(await stale.engine.status(isReady)).toMatchObject({ error_msg: "", max_perf: 1000 });
});

verifies(["start/error-line", "D2"], "is errored with the pattern of an error line", async () => {
  await becomeReady();
  const status = await becomeErrored("FATAL", "12:00 FATAL: with all its details");
  expect(status.max_perf).toBe(0);
  const refused = await worker.send("/parallel", {});
  expect([refused.status, await refused.json()]).toEqual([503, { error: expect.stringContaining("FATAL") }]);
});

verifies(["start/error-over-load"], "takes a line that matches error and load for an error", async () => {
  await becomeReady();
  await becomeErrored("LOADED_BUT_BROKEN", "it is LOADED_BUT_BROKEN today");
  await becomeErrored("FATAL", "LOADED and FATAL");
  await said(worker, "LOADED and FATAL");
  expect(await isIn(worker, "errored")).toBe(true);
});

verifies(["start/info-line"], "repeats an info line in its own log", async () => {
  await worker.log('{"message":"Downloading 7 of 9 shards"}', "nothing of note");
  await said(worker, "Downloading 7 of 9 shards");
  expect(worker.process.output()).not.toContain("nothing of note");
});

verifies(["D4"], "reads a log that is truncated in place, and a line that comes in two parts", async () => {
  await becomeReady();
  await becomeErrored("FATAL", "FATAL");
  // What has no newline is read, too: the first part is behind the worker when it says so of the info line.
  await appendFile(worker.logFile, "Downloading before the parts\nthe model is LOA");
  await said(worker, "Downloading before the parts");
  await statusAfter(worker.engine, () => appendFile(worker.logFile, "DED, at last\n"), isReady);

  await becomeErrored("FATAL", "FATAL", `Downloading ${"x".repeat(3000)}`);
  await said(worker, "Downloading xxx");
  await statusAfter(worker.engine, () => writeFile(worker.logFile, "LOADED\n"), isReady);

  // Truncated, and longer than before when the worker looks again.
  await becomeErrored("FATAL", "FATAL");
  await statusAfter(worker.engine, () => writeFile(worker.logFile, `LOADED\n${"y".repeat(9000)}\n`), isReady);
});

/** Writes 50 MB, and sends requests until they are read. Resolves to the longest request's share of that time. */
async function longestShare(mark: string): Promise<number> {
  const line = "INFO 11-23 10:00:00 [loggers.py:100] Engine 000: Avg prompt throughput: 1234.5 tokens/s, LOA DED\n";
  const burst = Buffer.from(line.repeat(2 ** 19));
  const startedAt = performance.now();
  const written = appendFile(worker.logFile, burst).then(() => worker.log(mark));
  const delays: number[] = [];
  while (!worker.process.output().includes(mark)) {
    const sentAt = performance.now();
    expect((await worker.send("/parallel", {})).status).toBe(200);
    delays.push(performance.now() - sentAt);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }
  await written;
  return Math.max(...delays) / Math.min(performance.now() - startedAt, 2000);
}

verifies(["D44"], "reads a burst of log lines without holding up requests", async () => {
  await becomeReady();
  const shares: number[] = [];
  // A busy machine may hold one up, but not each time. Who reads all in one go holds one up for most of it.
  while (shares.length < 3 && Math.min(...shares) >= 0.5) {
    shares.push(await longestShare(`Downloading what comes after burst ${shares.length}`));
  }
  expect(Math.min(...shares)).toBeLessThan(0.5);
});

verifies(["D15"], "goes on as one reporter when its log becomes a directory, and reads the next log", async () => {
  const { engine, logFile } = worker;
  await becomeReady();
  await rename(logFile, `${logFile}.1`);
  await mkdir(logFile);
  await said(worker, "is a directory");
  const before = engine.statuses.length;
  for (let count = 0; count < 3; count += 1) {
    await statusAfter(
      engine,
      () => worker.send("/parallel", {}),
      ({ cur_perf }) => Number(cur_perf) > 0,
    );
  }
  const told = engine.statuses.slice(before).map(({ error_msg, max_perf }) => ({ error_msg, max_perf }));
  expect(told).toEqual(told.map(() => ({ error_msg: "", max_perf: 1000 })));
  await rmdir(logFile);
  await becomeErrored("FATAL", "FATAL");
  await becomeReady();
});
