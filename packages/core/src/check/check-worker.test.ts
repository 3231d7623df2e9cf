import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createSigner } from "@pyworker/testing";
import type { WorkerOptions } from "../config.ts";
import type { RawEnvironment } from "../env.ts";
import { anyPayload, defineHandler } from "../handler.ts";
import { startTestServer, type TestServer } from "../test-server.test.fixture.ts";
import { checkWorker } from "./check-worker.ts";

const { publicKeyPem } = createSigner();
const opened: (TestServer | Server)[] = [];
let folder: string;
let logFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-check-"));
  logFile = join(folder, "model.log");
  await writeFile(logFile, "loaded\n");
});
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.close();
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serve(listener: RequestListener): Promise<string> {
  const server = await startTestServer(listener);
  opened.push(server);
  return server.url;
}

const engine = () =>
  serve((request, response) => {
    response.writeHead(request.url === "/pubkey/" ? 200 : 404).end(publicKeyPem);
  });
const model = (status = 200) =>
  serve((request, response) => {
    response.writeHead(request.url === "/health" ? status : 404).end();
  });

/** A port that something listens on. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  opened.push(server);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const port = await takenPort();
  opened.pop()?.close();
  return port;
}

const handlers = [
  defineHandler({ route: "/v1/completions", payload: anyPayload, benchmark: { dataset: [{ prompt: "hello" }] } }),
];

interface Settings {
  env?: RawEnvironment;
  options?: Partial<WorkerOptions>;
  timeoutMilliseconds?: number;
}

/** What a worker's check finds where all but what is given is well. */
async function check({ env = {}, options = {}, timeoutMilliseconds }: Settings) {
  const port = await freePort();
  return checkWorker(
    { modelServerUrl: await model(), modelHealthcheckUrl: "/health", modelLogFile: logFile, handlers, ...options },
    {
      CONTAINER_ID: "1",
      PUBLIC_IPADDR: "1.2.3.4",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      WORKER_HTTP_PORT: String(await freePort()),
      [`VAST_TCP_PORT_${env.WORKER_PORT ?? port}`]: "40123",
      REPORT_ADDR: env.REPORT_ADDR ?? (await engine()),
      BENCHMARK_FILE: join(folder, "has_benchmark"),
      ...env,
    },
    timeoutMilliseconds,
  );
}

/** What is found out of one thing. */
const of = async (name: string, settings: Settings) => (await check(settings)).filter((one) => one.name === name);

test("where all is well, all is ok, and it says where the worker is reached", async () => {
  const findings = await check({});
  expect(findings.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["configuration", "ok"],
    ["model server", "ok"],
    ["model log", "ok"],
    ["engine", "ok"],
    ["WORKER_PORT", "ok"],
    ["WORKER_HTTP_PORT", "ok"],
    ["certificate", "skipped"],
    ["BENCHMARK_FILE", "ok"],
  ]);
  expect(findings[0]?.found).toContain("http://1.2.3.4:40123");
});

describe("the configuration", () => {
  test("has a finding for each problem, and what goes by a wrong variable is skipped", async () => {
    const env = { LOG_LEVEL: "loud", REPORT_ADDR: "ftp://engine" };
    const findings = await check({ env, options: { problems: [{ name: "MODE", expected: "a mode", found: "none" }] } });
    expect(findings).toMatchObject([
      { name: "MODE", outcome: "wrong", expected: "a mode", found: "none" },
      { name: "REPORT_ADDR", outcome: "wrong", found: '"ftp://engine"' },
      { name: "LOG_LEVEL", outcome: "wrong", found: '"loud"' },
      { name: "model server", outcome: "ok" },
      { name: "model log", outcome: "ok" },
      { name: "engine", outcome: "skipped", found: "REPORT_ADDR is wrong" },
      ...[{ outcome: "ok" }, { outcome: "ok" }, { outcome: "skipped" }, { outcome: "ok" }],
    ]);
  });

  test("of a machine that nobody rented comes with the way to do without", async () => {
    expect(await of("CONTAINER_ID", { env: { CONTAINER_ID: "" } })).toMatchObject([
      { outcome: "wrong", found: "nothing", advice: expect.stringContaining("UNSECURED") },
    ]);
  });

  test("gives away no key and no password", async () => {
    const address = (await engine()).replace("://", "://me:secret@");
    const findings = await check({ env: { REPORT_ADDR: address, MODEL_API_KEY: "a secret", MASTER_TOKEN: "secret" } });
    expect(findings.map(({ name, outcome }) => [name, outcome])).toContainEqual(["MODEL_API_KEY", "wrong"]);
    expect(JSON.stringify(findings)).not.toContain("secret");
  });
});

describe("the model server", () => {
  test("that nobody has started is wrong", async () => {
    const modelServerUrl = `http://127.0.0.1:${await freePort()}`;
    expect(await of("model server", { options: { modelServerUrl } })).toMatchObject([
      {
        outcome: "wrong",
        expected: `a server at ${modelServerUrl}`,
        found: expect.stringContaining("ECONNREFUSED"),
        advice: expect.stringContaining("MODEL_SERVER_URL"),
      },
    ]);
  });

  test("that is not well yet is wrong", async () => {
    const modelServerUrl = await model(503);
    expect(await of("model server", { options: { modelServerUrl } })).toMatchObject([
      { outcome: "wrong", expected: `200 from ${modelServerUrl}/health`, found: "status 503" },
    ]);
  });

  test("that takes connections and never answers is wrong when the time is up", async () => {
    const modelServerUrl = await serve(() => {});
    expect(await of("model server", { options: { modelServerUrl }, timeoutMilliseconds: 50 })).toMatchObject([
      { outcome: "wrong", expected: `200 from ${modelServerUrl}/health` },
    ]);
  });

  test("without a health URL has to take connections alone", async () => {
    const options = { modelServerUrl: await model(503), modelHealthcheckUrl: "" };
    expect(await of("model server", { options })).toMatchObject([{ outcome: "ok" }]);
  });

  test("may be looked at by a backend that knows better, within the same time", async () => {
    const found = { name: "two servers", outcome: "ok", found: "both" } as const;
    expect(await of("two servers", { options: { checkModel: async () => [found] } })).toEqual([found]);
    const checkModel = () => new Promise<never>(() => {});
    expect(await of("model server", { options: { checkModel }, timeoutMilliseconds: 20 })).toMatchObject([
      { outcome: "wrong", found: "nothing within 0.02 s" },
    ]);
  });

  test("that the worker starts itself is not looked for", async () => {
    const options = { lifecycle: { start: async () => {}, stop: async () => {} } };
    expect(await of("model server", { options })).toMatchObject([{ outcome: "skipped" }]);
  });
});

describe("the model's log", () => {
  const outcome = (path: string, options: Partial<WorkerOptions> = {}) =>
    of("model log", { options: { ...options, modelLogFile: path } }).then(([finding]) => finding?.outcome);

  test("may yet come, but not without its folder", async () => {
    expect(await outcome(join(folder, "later.log"))).toBe("warning");
    expect(await outcome(join(folder, "no/folder/later.log"))).toBe("wrong");
  });

  test("is wrong where it is no file", async () => {
    expect(await outcome(folder)).toBe("wrong");
  });

  test("keeps nobody who learns of the model by other means", async () => {
    expect(await outcome(join(folder, "no/folder/later.log"), { watchModel: async () => {} })).toBe("warning");
  });
});

describe("the engine", () => {
  test("needs an address with a key, and the others are warned of", async () => {
    const [good, bad] = [await engine(), await serve((_request, response) => void response.end("no key"))];
    expect(await of("engine", { env: { REPORT_ADDR: `${bad},${good}` } })).toMatchObject([
      { outcome: "warning", expected: `a public key from ${bad}/pubkey/` },
      { outcome: "ok", found: `${good}/pubkey/ gives a public key` },
    ]);
    expect(await of("engine", { env: { REPORT_ADDR: bad } })).toMatchObject([{ outcome: "wrong" }]);
  });

  test("that never answers is wrong when the time is up", async () => {
    const env = { REPORT_ADDR: await serve(() => {}) };
    expect(await of("engine", { env, timeoutMilliseconds: 50 })).toMatchObject([
      { outcome: "wrong", found: "no answer" },
    ]);
  });

  test("is not asked where no signature is checked", async () => {
    const env = { UNSECURED: "true", REPORT_ADDR: "http://127.0.0.1:9" };
    expect(await of("engine", { env })).toMatchObject([{ outcome: "skipped" }]);
  });
});

test.each(["WORKER_PORT", "WORKER_HTTP_PORT"])("a %s that is in use is wrong", async (name) => {
  const port = await takenPort();
  expect(await of(name, { env: { [name]: String(port) } })).toMatchObject([
    {
      outcome: "wrong",
      expected: expect.stringContaining(String(port)),
      found: expect.stringContaining("EADDRINUSE"),
      advice: `stop what listens there, or set ${name}`,
    },
  ]);
});

test("a port of an address that this machine hasn't is wrong, and the address is what to change", async () => {
  expect(await of("WORKER_PORT", { env: { WORKER_HOST: "192.0.2.1" } })).toMatchObject([
    { outcome: "wrong", advice: expect.stringContaining("WORKER_HOST") },
  ]);
});

test("with USE_SSL there has to be a certificate", async () => {
  const files = { SSL_CERT_FILE: join(folder, "none.crt"), SSL_KEY_FILE: join(folder, "none.key") };
  expect(await of("certificate", { env: { USE_SSL: "true", ...files } })).toMatchObject([
    { outcome: "wrong", expected: expect.stringContaining("none.crt") },
    { outcome: "wrong", expected: expect.stringContaining("none.key") },
  ]);
});

test("a folder for BENCHMARK_FILE that isn't there is warned of", async () => {
  expect(await of("BENCHMARK_FILE", { env: { BENCHMARK_FILE: join(folder, "no/folder/file") } })).toMatchObject([
    { outcome: "warning", expected: expect.stringContaining("no/folder"), found: expect.stringContaining("ENOENT") },
  ]);
});
