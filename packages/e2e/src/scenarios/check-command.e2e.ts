import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@jest/globals";
import { apps } from "../harness/apps.ts";
import { packageCommand } from "../harness/call-command.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { freePorts } from "../harness/free-ports.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { accepts } from "../harness/wait-for.ts";

const { makeFolder, startEngine, startModelServer } = createStarters();
const cleanUp = createCleanUps();
const certificate = fileURLToPath(new URL("../fixtures/test-only.crt", import.meta.url));
const key = fileURLToPath(new URL("../fixtures/test-only.key", import.meta.url));
const nobodysUrl = "http://127.0.0.1:9";

interface Expectation {
  variable: string;
  ownFault: Readonly<Record<string, string>>;
  modelName: string;
  modelUrl: string;
  logOutcome: string;
}

const onComfyui = {
  variable: "COMFYUI_URL",
  ownFault: { MAX_QUEUE_SIZE: "none" },
  modelName: "ComfyUI",
  modelUrl: `${nobodysUrl}/system_stats`,
  /** It learns from ComfyUI itself that it is ready. */
  logOutcome: "warning",
};
const onItsOwn = { modelName: "model server", modelUrl: nobodysUrl, logOutcome: "wrong" };

/** A variable of a backend's own, and what is wrong where nothing of it is right. */
const expectations: Readonly<Record<string, Expectation>> = {
  vllm: { variable: "OPENAI_ROUTES", ownFault: { BACKEND: "none" }, ...onItsOwn },
  tgi: { variable: "MAX_TOTAL_TOKENS", ownFault: { MAX_TOTAL_TOKENS: "many" }, ...onItsOwn },
  comfyui: onComfyui,
  wan: onComfyui,
  ace: onComfyui,
};
const backends = apps.flatMap((app) => {
  const expectation = expectations[app.name];
  return expectation === undefined ? [] : [{ ...app, ...expectation }];
});

/** Outcome and name of each line but the last, which has the counts. */
const outcomesOf = (output: string): string[] =>
  output
    .trim()
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/^(\w+) +(\S+(?: \S+)*?) {2}.*$/, "$1 $2"));

async function takePort(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  cleanUp(() => server.close());
  await once(server, "listening");
}

for (const { env, logOutcome, modelName, modelUrl, name, ownFault, startModel, variable } of backends) {
  const { call, name: packageName, version } = packageCommand(name);

  verifies(["package/help"], `the command of ${packageName} says what it is without an environment`, async () => {
    const { output, status } = await call(["--help"]);
    expect(status).toBe(0);
    for (const text of [`npx ${packageName} [options]`, "--check", "MODEL_SERVER_URL", variable, `packages/${name}#`]) {
      expect(output).toContain(text);
    }
    expect(await call(["--version"])).toEqual({ status: 0, output: `${packageName} ${version}\n` });
  });

  verifies(["package/check"], `the command of ${packageName} checks a machine where all is well`, async () => {
    const folder = await makeFolder();
    const logFile = join(folder, "model.log");
    const model = await startModelServer(startModel);
    const engine = await startEngine();
    const { internalPort, port } = await freePorts();
    await writeFile(logFile, "");
    const { output, status } = await call(["--check"], {
      ...env,
      CONTAINER_ID: "42",
      PUBLIC_IPADDR: "127.0.0.1",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: "40123",
      REPORT_ADDR: engine.url,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: logFile,
      BENCHMARK_FILE: join(folder, "has_benchmark"),
      ...{ USE_SSL: "true", SSL_CERT_FILE: certificate, SSL_KEY_FILE: key },
    });
    expect(outcomesOf(output)).toEqual([
      "ok configuration",
      `ok ${modelName}`,
      "ok model log",
      "ok engine",
      "ok WORKER_PORT",
      "ok WORKER_HTTP_PORT",
      "ok certificate",
      "ok BENCHMARK_FILE",
    ]);
    expect(output).toContain("https://127.0.0.1:40123");
    expect(output).toMatch(/\n0 wrong, 0 warning, 8 ok, 0 skipped\n$/);
    expect(status).toBe(0);
    expect(engine.statuses).toEqual([]);
    expect([await accepts(port), await accepts(internalPort)]).toEqual([false, false]);
  });

  verifies(["package/check-faults"], `the command of ${packageName} names everything that is wrong`, async () => {
    const missing = join(await makeFolder(), "missing");
    const { internalPort, port } = await freePorts();
    await Promise.all([port, internalPort].map(takePort));
    const { output, status } = await call(["--check"], {
      ...env,
      ...ownFault,
      PUBLIC_IPADDR: "127.0.0.1",
      WORKER_HOST: "127.0.0.1",
      WORKER_PORT: String(port),
      [`VAST_TCP_PORT_${port}`]: "40123",
      LOG_LEVEL: "loud",
      REPORT_ADDR: nobodysUrl,
      MODEL_SERVER_URL: nobodysUrl,
      MODEL_LOG: join(missing, "model.log"),
      BENCHMARK_FILE: join(missing, "has_benchmark"),
      ...{ USE_SSL: "true", SSL_CERT_FILE: certificate, SSL_KEY_FILE: join(missing, "it.key") },
      ...{ MASTER_TOKEN: "top-secret", MODEL_API_KEY: "top-secret with a blank" },
    });
    expect(outcomesOf(output)).toEqual([
      `wrong ${Object.keys(ownFault)[0]}`,
      "wrong MODEL_API_KEY",
      "wrong LOG_LEVEL",
      "wrong CONTAINER_ID",
      `wrong ${modelName}`,
      `${logOutcome} model log`,
      "wrong engine",
      "wrong WORKER_PORT",
      "wrong WORKER_HTTP_PORT",
      "wrong certificate",
      "warning BENCHMARK_FILE",
    ]);
    for (const line of output.trim().split("\n").slice(0, -1)) {
      expect(line).toMatch(/ expected .+, found .+/);
    }
    for (const text of [modelUrl, missing, `${nobodysUrl}/pubkey/`, String(internalPort), "SSL_KEY_FILE"]) {
      expect(output).toContain(text);
    }
    expect(output).not.toContain("top-secret");
    expect(status).toBe(1);
  });
}

verifies(["package/mistakes"], "a word that the command doesn't know is named, with status 2", async () => {
  expect(await packageCommand("vllm").call(["--chek"])).toEqual({
    status: 2,
    output: "Unknown option '--chek'. `npx @pyworker/vllm --help` shows what there is.\n",
  });
});
