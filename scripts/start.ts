// `npm start`: a local engine, a model server and a real worker between them; then one signed, streamed request.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEngine, type WorkerView } from "@pyworker/engine";
import { startProcess } from "@pyworker/testing";
import { type Backend, backends } from "./backends.ts";

const help = `npm start -- [backend] [options]

Starts a local engine, a stand-in model server and a worker between them, waits until the worker is ready, sends it a
signed request and shows the streamed answer. Then it keeps serving until Ctrl-C.

  --once              stop after the first answer
  --model-url URL     use this model server instead of the stand-in (with --model-log)
  --model-log FILE    the log file of that model server
  --model NAME        the model's name, where the server wants one
  --port PORT         the worker's port (default 3000; the next one up is its internal port)
  --engine-port PORT  the engine's port (default 8080)
  --prompt TEXT       what to ask (default: "Say hello")
  --help              this text

Backends: ${Object.keys(backends).join(", ")} (default: vllm)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    once: { type: "boolean", default: false },
    "model-url": { type: "string" },
    "model-log": { type: "string" },
    model: { type: "string" },
    port: { type: "string", default: "3000" },
    "engine-port": { type: "string", default: "8080" },
    prompt: { type: "string", default: "Say hello" },
    help: { type: "boolean", default: false },
  },
});

const say = (text: string): void => console.log(text);
const cleanUps: (() => Promise<unknown>)[] = [];
let stopping: Promise<void> | undefined;

if (values.help) {
  say(help);
} else {
  process.on("SIGINT", () => void stop(0)).on("SIGTERM", () => void stop(0));
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return stop(1);
  });
}

async function main(): Promise<void> {
  const [name = "vllm", ...more] = positionals;
  const backend = backends[name];
  if (backend === undefined || more.length > 0) {
    throw new Error(`unknown backend "${positionals.join(" ")}"; there are: ${Object.keys(backends).join(", ")}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "pyworker-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const model = await findModelServer(backend, folder);
  const engine = createEngine({ port: Number(values["engine-port"]) });
  const { url: engineUrl } = await engine.start();
  cleanUps.push(() => engine.stop());
  say(`engine        ${engineUrl}`);
  say(`model server  ${model.url}${model.isStandIn ? "  (a stand-in: it answers by rote)" : ""}`);

  const workerUrl = await startWorker({ app: name, engineUrl, folder, model });
  const startedAt = Date.now();
  const isSettled = ({ status }: WorkerView): boolean => status === "ready" || status === "error";
  const { errorMessage } = await engine.waitForWorker(isSettled, { timeoutMs: 900_000 });
  if (errorMessage !== "") {
    throw new Error(`the worker reports: ${errorMessage}`);
  }
  say(`worker        ${workerUrl}  ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  await streamText(backend, engineUrl);
  if (values.once) {
    await stop(0);
    return;
  }
  say(`\nServing. Ctrl-C stops everything. What the engine knows of the worker:  curl -s ${engineUrl}/`);
}

interface ModelServer {
  url: string;
  logFile: string;
  isStandIn: boolean;
}

async function findModelServer(backend: Backend, folder: string): Promise<ModelServer> {
  const { "model-url": url, "model-log": log } = values;
  const logFile = log && resolve(log);
  if ((url === undefined) !== (logFile === undefined)) {
    throw new Error("--model-url and --model-log go together: the log says when the model is ready");
  }
  if (url !== undefined && logFile !== undefined) {
    await stat(logFile).catch(() => say(`${logFile} does not exist yet; waiting for it`));
    return { url, logFile, isStandIn: false };
  }
  const standIn = await backend.startStandIn({ logFile: join(folder, "model.log"), msPerToken: 1, startDelayMs: 500 });
  cleanUps.push(() => standIn.stop());
  return { url: standIn.url, logFile: standIn.logFile ?? "", isStandIn: true };
}

interface WorkerSettings {
  /** A folder of `apps`. */
  app: string;
  engineUrl: string;
  folder: string;
  model: ModelServer;
}

async function startWorker({ app, engineUrl, folder, model }: WorkerSettings): Promise<string> {
  const worker = startProcess({
    command: process.execPath,
    args: ["worker.ts"],
    cwd: fileURLToPath(new URL(`../apps/${app}/`, import.meta.url)),
    env: {
      ...process.env,
      WORKER_PORT: values.port,
      WORKER_HOST: "127.0.0.1",
      [`VAST_TCP_PORT_${values.port}`]: values.port,
      PUBLIC_IPADDR: "127.0.0.1",
      CONTAINER_ID: "1",
      REPORT_ADDR: engineUrl,
      MODEL_SERVER_URL: model.url,
      MODEL_LOG: model.logFile,
      BENCHMARK_FILE: join(folder, "benchmark"),
      ...(values.model === undefined ? {} : { MODEL_NAME: values.model }),
    },
  });
  cleanUps.unshift(() => worker.stop("SIGTERM"));
  worker.exited.then((code) => {
    if (stopping === undefined) {
      console.error(worker.output());
      console.error(`the worker ended with status ${code}`);
      void stop(1);
    }
  });
  return `http://127.0.0.1:${values.port}`;
}

async function streamText(backend: Backend, engineUrl: string): Promise<void> {
  const route = await postJson(`${engineUrl}/route/`, {
    endpoint: "local",
    api_key: "local",
    cost: 64,
    request_idx: 0,
  });
  const authData = (await route.json()) as { url: string };
  say(`\n> ${values.prompt}`);
  const answer = await postJson(authData.url + backend.route, {
    auth_data: authData,
    payload: backend.payload(values.prompt, values.model),
  });
  if (!answer.ok || answer.body === null) {
    throw new Error(`the worker answered ${answer.status}: ${await answer.text()}`);
  }
  process.stdout.write("< ");
  let rest = "";
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((text) => /^data: ?\{/.test(text))) {
      process.stdout.write(backend.textOf(JSON.parse(line.slice("data:".length))) ?? "");
    }
  }
  process.stdout.write("\n");
}

function postJson(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    for (const cleanUp of cleanUps) {
      await cleanUp();
    }
    process.exit(code);
  })();
  return stopping;
}
