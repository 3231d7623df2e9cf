import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, jest } from "@jest/globals";
import { type ChildProcess, startProcess, startVllmServer, until } from "@pyworker/testing";
import { z } from "zod";
import { type ComposeService, readCompose } from "../deploy/compose.ts";
import { parseYaml, readText } from "../deploy/deploy-files.ts";
import { environmentOf, readPod } from "../deploy/kubernetes.ts";
import { onThisMachine } from "../deploy/on-this-machine.ts";
import { readQuery } from "../deploy/promql.ts";
import { allQueries } from "../deploy/queries.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { type BuiltImage, buildImage } from "../harness/deploy/build-image.ts";
import { packPackages } from "../harness/deploy/pack-packages.ts";
import { type Registry, startRegistry } from "../harness/deploy/start-registry.ts";
import { freePorts } from "../harness/free-ports.ts";
import { verifies } from "../harness/verifies.ts";

// An installation alone takes a minute where the machine is busy.
jest.setTimeout(180_000);

const run = promisify(execFile);
const cleanUp = createCleanUps();
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const buildMilliseconds = 240_000;

let folder: string;
let registry: Registry;
let image: BuiltImage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-containers-"));
  cleanUp(() => rm(folder, { recursive: true, force: true }));
  registry = await startRegistry(await packPackages(folder), folder);
  cleanUp(() => registry.stop());
  // The folder of an app as a fork has it, a secret and a test of its own beside it.
  const context = join(folder, "fork");
  await cp(join(root, "apps/vllm"), context, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  await writeFile(join(context, ".env"), "MASTER_TOKEN=secret\n");
  await writeFile(join(context, "own.test.ts"), "");
  image = await buildImage({ context, folder: join(folder, "stages"), env: machineEnvironment() });
}, buildMilliseconds);

/** What installs packages gets all of this machine: how npm reaches its registry may be anywhere in that. */
const machineEnvironment = (): Record<string, string | undefined> => ({ ...process.env, ...registry.env });

/** Starts the image's command in its working folder. Its home and its temporary files lie in the image too. */
function startImage(env: Readonly<Record<string, string>>): ChildProcess {
  const [command = "", ...args] = image.command;
  const child = startProcess({ command, args, cwd: image.workingFolder, env: imageEnvironment(env) });
  cleanUp(() => child.stop("SIGKILL"));
  return child;
}

const imageEnvironment = (env: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  HOME: image.root,
  TMPDIR: image.root,
  // Nothing here listens beyond this machine.
  WORKER_HOST: "127.0.0.1",
  ...image.env,
  ...env,
});

/** Runs a health check, and tells its exit status. */
async function check(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [command = "", ...args] = words;
  const options = { cwd: image.workingFolder, env: imageEnvironment(env) as NodeJS.ProcessEnv };
  return run(command, args, options).then(
    () => 0,
    ({ code }) => code,
  );
}

const passes = (words: readonly string[], env: Readonly<Record<string, string>>, worker: { output(): string }) =>
  until(async () => (await check(words, env)) === 0, {
    timeoutMs: 80_000,
    what: () => `a health check that passes; the worker said\n${worker.output()}`,
  });

const ask = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const isGone = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );

const filesOfImage = async (): Promise<string[]> =>
  (await readdir(image.root, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(image.root.length + 1))
    .sort();

verifies(["container/image"], "builds an app's image from its folder alone, without what is secret", async () => {
  const own = (await readdir(image.workingFolder)).filter((name) => name !== "node_modules");
  expect(own).toEqual(["package.json", "worker.ts"]);
  const installed = await readdir(join(image.workingFolder, "node_modules/@pyworker"));
  expect(installed).toEqual(expect.arrayContaining(["core", "vllm"]));
  expect(await readdir(join(image.workingFolder, "node_modules"))).not.toContain("typescript");
  expect([image.user, image.env.NODE_ENV]).toEqual(["1000:1000", "production"]);
});

verifies(
  ["container/process", "container/health", "container/read-only", "container/metrics"],
  "starts the worker, tells its health, writes one file, and finishes what is in flight on SIGTERM",
  async () => {
    const before = await filesOfImage();
    const { internalPort, port } = await freePorts();
    const logFile = join(folder, "process.log");
    const model = await startVllmServer({ logFile, msPerToken: 2 });
    cleanUp(() => model.stop());
    const env = { UNSECURED: "true", WORKER_PORT: String(port), MODEL_SERVER_URL: model.url, MODEL_LOG: logFile };
    expect(await check(image.healthCheck, env)).toBe(1);
    const worker = startImage(env);
    await passes(image.healthCheck, env, worker);
    await until(async () => (await fetch(`http://127.0.0.1:${internalPort}/readyz`)).ok);

    const metrics = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
    const told = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name));
    const asked = allQueries().flatMap(({ expression }) => readQuery(expression).selectors.map(({ metric }) => metric));
    expect(asked.filter((name) => !told.has(name) && !told.has(name.replace(/_(bucket|sum|count)$/, "")))).toEqual([]);

    const request = { prompt: "hello", max_tokens: 400, ignore_eos: true };
    const answer = ask(`http://127.0.0.1:${port}/v1/completions`, request);
    await until(() => model.requests.some(({ body }) => body.toString().includes('"max_tokens":400')));
    const stopped = worker.stop("SIGTERM");
    expect((await answer).status).toBe(200);
    expect(await stopped).toBe(0);
    expect(await check(image.healthCheck, env)).toBe(1);
    const written = (await filesOfImage()).filter((path) => !before.includes(path));
    expect(written).toEqual(["var/lib/pyworker/benchmark"]);
  },
);

/** A service's command as processes. */
function startService({ command, environment }: ComposeService, cwd: string): ChildProcess {
  const env = { ...machineEnvironment(), ...environment };
  const [program = "", ...args] = command;
  // A container's end ends all in it; npx alone leaves what it has started behind.
  const service = startProcess({ command: program, args, cwd, env, isGroup: true });
  cleanUp(() => service.stop("SIGKILL"));
  return service;
}

verifies(["container/compose"], "brings engine, stand-in and worker up, and serves a signed request", async () => {
  const place = join(folder, "compose");
  await mkdir(join(place, "model-log"), { recursive: true });
  const [{ port: workerPort }, { internalPort: modelPort, port: enginePort }] = [await freePorts(), await freePorts()];
  const text = onThisMachine(readText("deploy/compose.yaml"), { workerPort, enginePort, modelPort, folder: place });
  const { services } = readCompose(parseYaml(text));
  const engine = startService(services.engine, place);
  const model = startService(services.model, place);
  const healthy = (service: ComposeService, child: { output(): string }) =>
    passes(service.healthcheck.test.slice(1), service.environment, child);
  await healthy(services.engine, engine);
  const worker = startImage(services.worker.environment);
  await healthy(services.worker, worker);

  const engineUrl = `http://127.0.0.1:${enginePort}`;
  const route = await ask(`${engineUrl}/route/`, { endpoint: "local", api_key: "local", cost: 16 });
  const auth = z.looseObject({ url: z.string() }).parse(await route.json());
  expect(auth.url).toBe(`http://127.0.0.1:${workerPort}`);
  const payload = { prompt: "Hello", max_tokens: 16 };
  const answer = await ask(`${auth.url}/v1/completions`, { auth_data: auth, session_id: null, payload });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("stand-in")]);
  expect(await (await fetch(engineUrl)).json()).toMatchObject({ workers: [{ status: "ready" }], violations: [] });

  expect(await worker.stop("SIGTERM")).toBe(0);
  expect(await isGone(`http://127.0.0.1:${modelPort}/health`)).toBe(false);
  model.stop("SIGKILL");
  engine.stop("SIGKILL");
  await until(async () => (await isGone(engineUrl)) && (await isGone(`http://127.0.0.1:${modelPort}/health`)));
});

/** A program called vllm that takes `serve MODEL --host HOST --port PORT` and logs to its output, as vLLM does. */
async function writeFakeVllm(place: string): Promise<void> {
  const standIn = join(root, "packages/testing/src/cli.ts");
  const lines = [
    "#!/bin/sh",
    '[ "$1 $3 $5" = "serve --host --port" ] || exit 2',
    `exec "${process.execPath}" "${standIn}" --model "$2" --port "$6" --ms-per-token 2 --log /dev/stdout`,
  ];
  await mkdir(join(place, "bin"), { recursive: true });
  await writeFile(join(place, "bin/vllm"), `${lines.join("\n")}\n`, { mode: 0o755 });
}

verifies(["container/kubernetes"], "serves in a pod, and drains while vLLM still answers", async () => {
  const place = join(folder, "pod");
  await mkdir(join(place, "model-log"), { recursive: true });
  await writeFakeVllm(place);
  const [{ port: workerPort }, { internalPort: modelPort, port: enginePort }] = [await freePorts(), await freePorts()];
  const places = { workerPort, enginePort, modelPort, folder: place };
  const pod = readPod(parseYaml(onThisMachine(readText("deploy/kubernetes/deployment.yaml"), places)));
  const portOf = (name: string) => pod.worker.ports.find((port) => port.name === name)?.containerPort;
  const probe = async ({ httpGet }: { httpGet: { path: string; port: string } }): Promise<number> =>
    fetch(`http://127.0.0.1:${portOf(httpGet.port)}${httpGet.path}`).then(
      ({ status }) => status,
      () => 0,
    );
  // WORKER_PORT is 3000 where nobody sets it; here it must be a free one.
  const worker = startImage({ ...environmentOf(pod.worker), WORKER_PORT: String(portOf("public")) });
  await until(async () => (await probe(pod.worker.startupProbe)) === 200, { what: () => worker.output() });
  expect([await probe(pod.worker.livenessProbe), await probe(pod.worker.readinessProbe)]).toEqual([200, 503]);

  const [command = "", ...words] = [...pod.model.command, ...pod.model.args];
  const vllm = startProcess({
    command,
    args: words,
    cwd: place,
    env: { PATH: `${join(place, "bin")}:${process.env.PATH}`, ...environmentOf(pod.model) },
  });
  cleanUp(() => vllm.stop("SIGKILL"));
  await until(async () => (await probe(pod.worker.readinessProbe)) === 200, { what: () => worker.output() });
  expect(vllm.output()).toContain("Application startup complete.");
  expect(await readFile(join(place, "model-log/vllm.log"), "utf8")).toContain("Application startup complete.");

  const completions = `http://127.0.0.1:${workerPort}/v1/completions`;
  const answer = await ask(completions, { prompt: "Hello", max_tokens: 500, ignore_eos: true, stream: true });
  const stopped = worker.stop("SIGTERM");
  await until(async () => (await probe(pod.worker.readinessProbe)) !== 200);
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("[DONE]")]);
  expect(await stopped).toBe(0);
  expect((await fetch(`http://127.0.0.1:${modelPort}/health`)).status).toBe(200);
  await vllm.stop("SIGTERM");
  expect(await isGone(`http://127.0.0.1:${modelPort}/health`)).toBe(true);
});
