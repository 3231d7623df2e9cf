import { execFile } from "node:child_process";
import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect } from "@jest/globals";
import { type ModelServer, startProcess } from "@pyworker/testing";
import { documented } from "../docs/commands.ts";
import { type App, apps } from "../harness/apps.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { type StockWorker, startStockWorker } from "../harness/deploy/start-stock-worker.ts";
import { prepareStockMachine, type StockMachine } from "../harness/deploy/stock-machine.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";
import { installMilliseconds, prepareLinters } from "./python.ts";

const run = promisify(execFile);
const cleanUp = createCleanUps();
const { makeFolder, startModelServer } = createStarters();
let folder: string;
let machine: StockMachine;
let linters: string;

beforeAll(async () => {
  folder = await makeFolder();
  linters = await prepareLinters();
  machine = await prepareStockMachine(folder);
}, installMilliseconds);

/** Runs the launcher for a BACKEND, in front of a stand-in for its model server. */
async function start(name: string, backend = name): Promise<{ app: App; model: ModelServer; worker: StockWorker }> {
  const app = apps.find((candidate) => candidate.name === name);
  if (app === undefined) {
    throw new Error(`no app "${name}"`);
  }
  const model = await startModelServer(app.startModel);
  const worker = await startStockWorker(machine, { app, modelUrl: model.url, env: { BACKEND: backend } });
  cleanUp(() => worker.cleanUp());
  return { app, model, worker };
}

/** Runs worker.py of a clone to its end, from another folder. */
async function runWorkerPy(
  env: Readonly<Record<string, string>>,
  { clone = machine.clone, options = [] }: { clone?: string; options?: readonly string[] } = {},
): Promise<{ status: number; output: string }> {
  const child = startProcess({
    command: machine.python,
    args: [...options, join(clone, "worker.py")],
    cwd: folder,
    env: { ...machine.env, ...env },
  });
  cleanUp(() => child.stop("SIGKILL"));
  return { status: await child.exited, output: child.output() };
}

/** Puts a program in the place of the vllm app's while `act` runs. */
async function withProgram<Result>(program: string, act: () => Promise<Result>): Promise<Result> {
  const file = join(machine.clone, "apps/vllm/worker.ts");
  await writeFile(file, program);
  try {
    return await act();
  } finally {
    await run("git", ["checkout", "--quiet", file], { cwd: machine.clone });
  }
}

/** Makes Python find no package but its own, as where requirements.txt is not installed. */
const withoutPackages = { options: ["-S"] };

for (const [name, backend] of [
  ["comfyui", "comfyui-json"],
  ["tgi", "tgi"],
  // The last one, for the scenarios below find it installed.
  ["vllm", "vllm"],
] as const) {
  verifies(["stock/start", "stock/app"], `serves ${backend} as Vast's own launcher starts it`, async () => {
    const { app, worker } = await start(name, backend);
    await worker.becomeReady();
    const response = await worker.ask(app.request);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(app.answer)]);
    const { stdout } = await run("git", ["status", "--porcelain"], { cwd: machine.clone });
    expect(stdout).toBe("");
    expect(await worker.stop("SIGTERM")).toBe(0);
  });
}

verifies(["stock/reboot", "stock/app"], "installs nothing when it is started again, and listens at once", async () => {
  const first = await start("vllm");
  await first.worker.listening(50_000);
  await first.worker.stop("SIGTERM");
  const times: number[] = [];
  // A busy machine may be slow, but not each time.
  while (times.length < 3 && Math.min(...times) >= 5000) {
    times.push(await restart());
  }
  expect(Math.min(...times)).toBeLessThan(5000);
});

/** Starts what is installed. Resolves to how long it took until the worker listened, in milliseconds. */
async function restart(): Promise<number> {
  const startedAt = performance.now();
  const { worker } = await start("vllm", "openai");
  await worker.listening(20_000);
  const milliseconds = performance.now() - startedAt;
  expect(worker.output()).toContain("worker.py: starting apps/vllm\n");
  expect(worker.output()).not.toContain("installing");
  await worker.stop("SIGTERM");
  return milliseconds;
}

verifies(["stock/process"], "serves what is in flight when it is told to stop, and exits 0", async () => {
  const { app, model, worker } = await start("vllm");
  await worker.becomeReady();
  model.faults.set({ chunkDelayMs: 100 });
  const payload = { ...app.request.payload, max_tokens: 10, stream: true };
  const response = await worker.ask({ ...app.request, payload });
  const stopped = worker.stop("SIGTERM");
  expect(await response.text()).toContain("[DONE]");
  expect(await stopped).toBe(0);
});

verifies(["stock/process"], "ends with the status of a worker that fails", async () => {
  const { worker } = await start("vllm");
  await worker.listening(50_000);
  expect(await worker.stop("SIGKILL")).toBe(128 + 9);

  const status = await withProgram("process.exit(7);", async () => (await start("vllm")).worker.exited);
  expect(status).toBe(7);
});

verifies(["stock/app"], "knows the backends by every name that templates have for them", async () => {
  const folders = {
    ...{ openai: "vllm", vllm: "vllm", sglang: "sglang", llama: "llama", tgi: "tgi" },
    ...{ comfyui: "comfyui", "comfyui-json": "comfyui", wan: "wan", ace: "ace" },
  };
  for (const [backend, name] of Object.entries(folders)) {
    const { output } = await runWorkerPy({ BACKEND: backend }, withoutPackages);
    expect([backend, output]).toEqual([backend, expect.stringContaining(`worker.py: starting apps/${name}\n`)]);
  }
  const { output } = await runWorkerPy({ BACKEND: "vllm", PYWORKER_APP: "./apps/custom/" }, withoutPackages);
  expect(output).toContain("worker.py: starting apps/custom\n");
});

verifies(["stock/fork"], "starts an app that a fork has added, when its lock file has been renewed", async () => {
  const clone = join(folder, "fork");
  await run("git", ["clone", "--quiet", machine.clone, clone]);
  const app = join(clone, "apps/mine");
  await cp(join(clone, "apps/vllm"), app, { recursive: true });
  await writeFile(join(app, "worker.ts"), 'import "@pyworker/vllm";\nconsole.log("mine");');
  const renew = documented("docs/deploying.md", "npm exec --package=…");
  const { NODE_EXTRA_CA_CERTS, PATH } = process.env;
  const env = { ...machine.env, CI: undefined, npm_config_yes: "true", NODE_EXTRA_CA_CERTS, PATH };
  await run("bash", ["-c", renew], { cwd: clone, env });
  const { output, status } = await runWorkerPy({ BACKEND: "mine" }, { clone });
  expect([status, output.trim().split("\n").at(-1)]).toEqual([0, "mine"]);
});

verifies(["stock/app"], "says which apps there are when it is asked for another or for none", async () => {
  const there = "BACKEND can be ace, comfyui, custom, llama, sglang, tgi, vllm, wan (openai for vllm, comfyui-json for";
  const cases: [env: Record<string, string>, given: string][] = [
    [{ BACKEND: "nonsense" }, "BACKEND is 'nonsense'"],
    [{}, "no BACKEND is set"],
    [{ PYWORKER_APP: "apps" }, "PYWORKER_APP is 'apps'"],
    [{ PYWORKER_APP: "apps/../packages/vllm", BACKEND: "vllm" }, "PYWORKER_APP is 'apps/../packages/vllm'"],
  ];
  for (const [env, given] of cases) {
    const { output, status } = await runWorkerPy(env);
    expect([status, output]).toEqual([1, expect.stringContaining(`worker.py: ${given}. ${there}`)]);
  }
});

verifies(["stock/node"], "takes the PATH's Node where Python has none", async () => {
  const bin = join(folder, "old-node");
  await mkdir(bin);
  for (const name of ["node", "npm"]) {
    await writeFile(join(bin, name), "#!/bin/sh\necho v22.22.2\n");
    await chmod(join(bin, name), 0o755);
  }
  const withPath = (...folders: string[]) => ({
    BACKEND: "vllm",
    PATH: [...folders, machine.env.PATH].join(delimiter),
  });
  for (const env of [withPath(), withPath(bin)]) {
    const { output, status } = await runWorkerPy(env, withoutPackages);
    expect([status, output]).toEqual([1, expect.stringMatching(/no Node 24 or later.*pip install -r .*requirements/)]);
  }
  // What installed the packages is the npm of the PATH, too.
  await rm(join(machine.clone, "node_modules", ".installed"), { force: true });
  const found = withPath(dirname(process.execPath), process.env.PATH ?? "");
  const { output } = await withProgram("console.log(process.version);", () => runWorkerPy(found, withoutPackages));
  expect(output).toContain("worker.py: installing the packages of apps/vllm");
  expect(output.trim().split("\n").at(-1)).toBe(process.version);
});

verifies(["stock/install"], "gives an installation up that keeps failing, and says so", async () => {
  const clone = join(folder, "without-network");
  await run("git", ["clone", "--quiet", machine.clone, clone]);
  const { output, status } = await runWorkerPy(
    {
      BACKEND: "tgi",
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_cache: join(folder, "npm-cache"),
      // npm's own patience, which is said to be shorter by worker.py but is not what this is about.
      npm_config_fetch_retries: "0",
    },
    { clone },
  );
  expect(output.match(/installing the packages of apps\/tgi/g)).toHaveLength(3);
  expect(output).toContain("ECONNREFUSED");
  expect([status, output.trim().split("\n").at(-1)]).toEqual([
    1,
    "worker.py: could not install the packages of apps/tgi; what npm or pnpm said is above.",
  ]);
});

verifies(["stock/python"], "is clean by a linter, for every Python from 3.8 on", async () => {
  const ruff = (...args: string[]) => run(join(linters, "ruff"), args, { cwd: machine.clone });
  const options = ["--isolated", "--no-cache", "--target-version=py38", "--line-length=120"];
  await ruff("check", ...options, "--select=E,F,W,I,B,S1,SIM,UP,PTH", "worker.py");
  await ruff("format", ...options, "--check", "worker.py");
});
