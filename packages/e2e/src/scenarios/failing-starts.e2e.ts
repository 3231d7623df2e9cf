import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect } from "@jest/globals";
import { startFakeEngine, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startModel } from "../harness/start-model.ts";
import { startWorker, type WorkerSettings, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-start-"));
  cleanUp(() => rm(folder, { recursive: true }));
});

/** Starts a worker that has to measure its model, and waits until it is ready. */
async function startMeasuring(settings: WorkerSettings): Promise<WorkerUnderTest> {
  const model = await startModel((_request, response) => response.end("done"));
  cleanUp(() => model.stop());
  const worker = await startWorker({ program: "every-feature", modelUrl: model.url, savedPerf: null, ...settings });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
  return worker;
}

/** Starts a worker that can't, and expects its engine to hear why, as does whoever reads its log. */
async function expectFailure(env: Record<string, string | undefined>, ...reasons: readonly (string | RegExp)[]) {
  const engine = await startFakeEngine();
  await engine.close();
  const worker = await startWorker({ program: "every-feature", engine, env });
  cleanUp(() => Promise.all([worker.stop(), engine.close()]));
  // An engine that comes only now hears of it too.
  await until(() => worker.process.output().includes("the engine can't be reached"));
  await engine.listen();
  const { error_msg: told, max_perf: perf } = await worker.engine.status(({ error_msg }) => error_msg !== "");
  expect([told, perf]).toEqual([expect.stringMatching(/^Worker Server failed to launch: /), 0]);
  for (const reason of reasons) {
    expect(told).toMatch(reason);
  }
  const fatal = worker.process
    .output()
    .split("\n")
    .find((line) => line.includes('"level":60'));
  expect(told).toContain(JSON.parse(fatal ?? "{}").msg);
  expect(await worker.process.stop()).toBe(1);
}

const warnings = (worker: WorkerUnderTest): string[] =>
  worker.process
    .output()
    .split("\n")
    .filter((line) => line.includes('"level":40'));

verifies(["F13"], "is ready without room to save its benchmark, and says what to do", async () => {
  const worker = await startMeasuring({ before: "ulimit -f 0" });
  const warning = await until(() => warnings(worker).find((line) => line.includes("benchmark")));
  expect(warning).toMatch(/EFBIG|ENOSPC/);
  expect(warning).toContain("the benchmark can't be saved: make room, or set BENCHMARK_FILE");
  expect((await worker.send("/parallel", {})).status).toBe(200);
});

verifies(["F13"], "serves and reports while its log can't be written", async () => {
  const worker = await startMeasuring({ before: "exec > /dev/full" });
  expect((await worker.send("/parallel", { cost: 3 })).status).toBe(200);
  await until(() => worker.engine.sum("cur_perf") === 3);
  expect(worker.engine.statuses.at(-1)?.error_msg).toBe("");
  expect(await worker.process.stop()).toBe(0);
});

verifies(["F13", "benchmark/saved"], "measures anew where the saved benchmark can't be read, and says so", async () => {
  const unreadable = join(folder, "has_benchmark");
  await mkdir(unreadable);
  const worker = await startMeasuring({ env: { BENCHMARK_FILE: unreadable } });
  const said = await until(() => warnings(worker).length >= 2 && warnings(worker));
  expect(said[0]).toContain("the saved benchmark can't be read: measuring anew");
  expect(said[1]).toContain("the benchmark can't be saved");
  expect(said.join()).toContain(unreadable);
});

verifies(["F13", "report/beacon"], "says which variables are missing", async () => {
  await expectFailure(
    { CONTAINER_ID: undefined, PUBLIC_IPADDR: undefined },
    "CONTAINER_ID: expected a whole number, found nothing",
    "PUBLIC_IPADDR: expected an IP address or a host name, found nothing",
  );
});

verifies(["F13"], "says which port is taken, and leaves whoever has it alone", async () => {
  const first = await startMeasuring({});
  const { port } = first;
  const own = { WORKER_PORT: String(port), [`VAST_TCP_PORT_${port}`]: String(port) };
  await expectFailure(own, `127.0.0.1:${port} (WORKER_PORT)`, /EADDRINUSE.*Is another worker running\?/);
  await expectFailure({ WORKER_HTTP_PORT: String(port) }, `127.0.0.1:${port} (WORKER_HTTP_PORT)`, "EADDRINUSE");
  expect((await first.send("/parallel", {})).status).toBe(200);
});

verifies(["F13", "env/tls"], "says which certificate is none", async () => {
  const absent = join(folder, "absent.crt");
  const garbage = join(folder, "garbage.crt");
  const key = join(folder, "instance.key");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(garbage, "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n");
  await writeFile(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  for (const [certificate, reason] of [
    [absent, "ENOENT"],
    [garbage, /PEM|asn1|ASN1/],
  ] as const) {
    await expectFailure(
      { USE_SSL: "true", SSL_CERT_FILE: certificate, SSL_KEY_FILE: key },
      `${certificate} (SSL_CERT_FILE)`,
      `${key} (SSL_KEY_FILE)`,
      reason,
    );
  }
});
