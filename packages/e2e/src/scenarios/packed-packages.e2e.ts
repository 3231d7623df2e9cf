import { globSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, jest } from "@jest/globals";
import { type ChildProcess, startProcess, until } from "@pyworker/testing";
import { type App, apps } from "../harness/apps.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { askProgram } from "../harness/deploy/ask-program.ts";
import { everyPackage } from "../harness/deploy/every-package.ts";
import { type InstalledPackages, installPackages } from "../harness/deploy/installed-packages.ts";
import { reachedFiles } from "../harness/deploy/reached-files.ts";
import { startRegistry } from "../harness/deploy/start-registry.ts";
import { freePorts } from "../harness/free-ports.ts";
import { rentedEnvironment } from "../harness/rented-environment.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { makeFolder } = createStarters();
const cleanUp = createCleanUps();
const repository = fileURLToPath(new URL("../../../../package.json", import.meta.url));
const installMilliseconds = 240_000;
// npm and the compiler take their time on a busy machine.
jest.setTimeout(120_000);
const backends = apps.filter(({ name }) => !["sglang", "llama"].includes(name));

const customWorker = `\
import { anyPayload, defineHandler, Worker } from "@pyworker/core";

await new Worker({
  modelServerUrl: "http://127.0.0.1:18000",
  modelLogFile: "/var/log/model/server.log",
  handlers: [
    defineHandler({
      route: "/v1/completions",
      payload: anyPayload,
      allowParallelRequests: true,
      benchmark: { generator: () => ({ prompt: "hello", max_tokens: 100 }) },
    }),
  ],
  logActions: { onLoad: ["Application startup complete."], onError: ["Traceback (most recent call last):"] },
}).run();
`;
const readyWorker = (name: string): string => {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const [create, read] = [`create${title}Worker`, `read${title}Options`];
  return `import { ${create}, ${read} } from "@pyworker/${name}";\nawait ${create}(${read}()).run();\n`;
};

let installed: InstalledPackages;
let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  installed = await installPackages(folder);
}, installMilliseconds);

/** Runs a program in the project until it ends. */
async function run(command: string, ...args: string[]): Promise<{ status: number; output: string }> {
  const program = startProcess({ command, args, cwd: installed.folder, env: installed.environment });
  return { status: await program.exited, output: program.output() };
}

const start = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
  const surroundings = { cwd: installed.folder, env: { ...installed.environment, ...env }, isGroup: true };
  const program = startProcess({ command, args, ...surroundings });
  cleanUp(() => program.stop());
  return program;
};

/** Asks a program for what its app is asked for, and expects the app's answer and a clean end. */
async function expectToServe(app: App, { args, command, cwd = installed.folder, env = {} }: Command): Promise<void> {
  const isNpx = command === "npx";
  const surroundings = { cwd, env: { ...installed.environment, ...env }, isGroup: isNpx };
  expect(await askProgram({ app, command, args, ...surroundings })).toEqual({
    status: 200,
    text: expect.stringContaining(app.answer),
    exitStatus: isNpx ? expect.any(Number) : 0,
    violations: [],
  });
}

interface Command {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

verifies(["package/packed"], "packs what is needed, and nothing else", async () => {
  expect(installed.packed.map(({ name }) => name)).toContain("@pyworker/testing");
  for (const { manifest, name } of installed.packed) {
    const home = join(installed.folder, "node_modules", name);
    const files = globSync("**/*.*", { cwd: home, exclude: ["node_modules"] });
    expect(files).toEqual(expect.arrayContaining(["README.md", "package.json", "dist/index.js", "dist/index.d.ts"]));
    expect(readFileSync(join(home, "LICENSE"), "utf8")).toContain("MIT License");
    expect(files.filter((file) => /\.test\.|fixture|tsbuildinfo/.test(file))).toEqual([]);
    const reached = reachedFiles(home, manifest);
    const isNeeded = (file: string): boolean => reached.has(file) || /^dist\/|^package.json$|\.md$|\.d\.ts$/.test(file);
    expect({ name, unneeded: files.filter((file) => !isNeeded(file)) }).toEqual({ name, unneeded: [] });
    expect(Object.values(rangesOf(manifest)).filter((range) => !/^\^?\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  }
});

verifies(["package/typescript"], "type-checks strictly with the types of all packages, and runs", async () => {
  const options = {
    module: "nodenext",
    target: "es2024",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const compilerOptions = { ...options, skipLibCheck: false, noEmit: true };
  await writeFile(join(installed.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["worker.ts"] }));
  await writeFile(join(installed.folder, "worker.ts"), everyPackage);
  const tsc = createRequire(repository).resolve("typescript/bin/tsc");
  expect(await run("node", tsc, "--pretty", "false")).toEqual({ status: 0, output: "" });
  await expectToServe(appNamed("vllm"), { command: "node", args: ["worker.ts"] });
});

for (const { name, worker } of [
  { name: "custom", worker: customWorker },
  ...backends.map(({ name }) => ({ name, worker: readyWorker(name) })),
]) {
  verifies(["package/javascript"], `runs a ${name} worker in plain JavaScript`, async () => {
    await writeFile(join(installed.folder, `${name}.js`), worker);
    await expectToServe(appNamed(name === "custom" ? "vllm" : name), { command: "node", args: [`${name}.js`] });
  });
}

for (const app of backends) {
  verifies(["package/bins"], `runs the ready worker by npx pyworker-${app.name} in a project`, () =>
    expectToServe(app, { command: "npx", args: ["--no-install", `pyworker-${app.name}`] }),
  );
}

verifies(["package/bins"], "runs the ready worker by npx @pyworker/vllm in an empty folder", async () => {
  const registry = await startRegistry(installed.packed, folder);
  cleanUp(() => registry.stop());
  const cwd = join(folder, "empty");
  await mkdir(cwd);
  const env = { ...registry.env, npm_config_prefer_offline: "true" };
  await expectToServe(appNamed("vllm"), { command: "npx", args: ["--yes", "@pyworker/vllm"], cwd, env });
});

verifies(["package/local-serverless"], "is a serverless endpoint of one machine by three bins", async () => {
  const [{ port, internalPort }, { port: enginePort }] = [await freePorts(), await freePorts()];
  const log = join(folder, "model.log");
  const engine = start("npx", ["--no-install", "pyworker-engine", "--port", String(enginePort)]);
  const model = start("npx", ["--no-install", "pyworker-stand-in", "--port", "0", "--log", log]);
  const modelUrl = await until(() => /"url":"([^"]+)"/.exec(model.output())?.[1], { what: model.output });
  await until(() => engine.output().includes("Engine at"), { what: engine.output });
  const worker = start("npx", ["--no-install", "pyworker-vllm"], {
    ...rentedEnvironment({ port, internalPort, engineUrl: `http://127.0.0.1:${enginePort}` }),
    MODEL_SERVER_URL: modelUrl,
    MODEL_LOG: log,
    BENCHMARK_FILE: join(folder, "benchmark"),
  });
  const post = async (url: string, body: object): Promise<Response> =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const routed = { endpoint: "local", api_key: "local", cost: 10, request_idx: 0 };
  const authData = await until(
    async () => {
      const answer = await (await post(`http://127.0.0.1:${enginePort}/route/`, routed)).json();
      return typeof answer === "object" && answer !== null && "url" in answer && answer;
    },
    { timeoutMs: 40_000, what: worker.output },
  );
  const { request } = appNamed("vllm");
  const answer = await post(authData.url + request.route, { auth_data: authData, payload: request.payload });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("This is a stand-in")]);
});

verifies(["package/optional-s3"], "says which package an S3 stand-in needs", async () => {
  const program = 'import { startS3Server } from "@pyworker/testing"; await startS3Server();';
  const { output, status } = await run("node", "--input-type=module", "--eval", program);
  expect({ status, output }).toEqual({
    status: 1,
    output: expect.stringContaining("npm install --save-dev @20minutes/s3rver"),
  });
});

function appNamed(wanted: string): App {
  const app = apps.find(({ name }) => name === wanted);
  if (app === undefined) {
    throw new Error(`there is no app ${wanted}`);
  }
  return app;
}

/** All versions that a package.json names. */
function rangesOf(manifest: Record<string, unknown>): Record<string, string> {
  const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
  return Object.assign({}, ...kinds.map((kind) => manifest[kind]));
}
