import { globSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, jest } from "@jest/globals";
import { startComfyuiServer, startProcess, startVllmServer } from "@pyworker/testing";
import { startProgram } from "../docs/start-program.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { packPackages } from "../harness/deploy/pack-packages.ts";
import { type Registry, startRegistry } from "../harness/deploy/start-registry.ts";
import { freePorts } from "../harness/free-ports.ts";
import { verifies } from "../harness/verifies.ts";

// An installation alone takes a minute where the machine is busy.
jest.setTimeout(180_000);

const cleanUp = createCleanUps();
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const apps = globSync("apps/*/worker.ts", { cwd: root }).map((path) => basename(dirname(path)));

const aliases = [
  { backend: "openai", app: "vllm" },
  { backend: "comfyui-json", app: "comfyui" },
];

let folder: string;
let registry: Registry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-new-app-"));
  cleanUp(() => rm(folder, { recursive: true, force: true }));
  const packed = join(folder, "packed");
  await mkdir(packed);
  registry = await startRegistry(await packPackages(packed), packed);
  cleanUp(registry.stop);
});

interface Ended {
  status: number;
  output: string;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  // npm would take the settings of the npm that runs this test for this one's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|init_cwd)/i.test(name)));
  const child = startProcess({ command, args, cwd, env: { ...env, ...registry.env } });
  cleanUp(() => child.stop("SIGKILL"));
  return { status: await child.exited, output: child.output() };
}

const npm = (cwd: string, ...args: string[]): Promise<Ended> => run("npm", args, cwd);

/** What `npm run new-app` comes to, without the second that npm takes. */
const newApp = (...words: string[]): Promise<Ended> => run(process.execPath, ["scripts/new-app.ts", ...words], root);

/** All files of a folder, with what they hold. */
const contentsOf = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name))
      .map((file) => [file.slice(path.length + 1), readFileSync(file, "utf8")]),
  );

verifies(["app/copy"], "copies every app, or the one behind an alias, under a name of its own", async () => {
  const backends = [...apps.map((app) => ({ backend: app, app })), ...aliases];
  for (const { app, backend } of backends) {
    const name = `my-${backend}`;
    const copy = join(folder, "copies", name);
    const { output, status } = await newApp(copy, "--backend", backend);
    expect({ status, output }).toEqual({
      status: 0,
      output: expect.stringContaining(`Made ${copy} from apps/${app}.`),
    });
    const files = contentsOf(copy);
    expect(JSON.parse(files["package.json"] ?? "")).toMatchObject({ name, scripts: { check: "tsc" } });
    expect(files["README.md"]).toMatch(new RegExp(`^# ${name}: a worker for `));
    expect(files["README.md"]).toContain("](https://github.com/pyworker/pyworker/blob/main/docs/configuration.md)");
    for (const [file, content] of Object.entries(files)) {
      expect([file, content.includes("](../"), content.includes("workspace:")]).toEqual([file, false, false]);
    }
    expect(Object.keys(files)).toEqual(expect.arrayContaining([".env.example", ".gitignore", "worker.test.ts"]));
    expect(files["worker.ts"]).toBe(readFileSync(`${root}apps/${app}/worker.ts`, "utf8"));
  }
});

verifies(["app/refusals"], "refuses what it can't do, and touches nothing", async () => {
  const taken = join(folder, "taken");
  await mkdir(taken);
  await writeFile(join(taken, "mine.txt"), "mine");
  const refused = async (words: string[], message: string) => {
    const { output, status } = await newApp(...words);
    expect([words, status, output]).toEqual([words, 1, expect.stringContaining(message)]);
  };
  await refused([], "expected one folder, found none");
  await refused([taken], `${taken} is there and not empty`);
  await refused([join(taken, "mine.txt")], "is there and no folder");
  await refused([join(folder, "My Worker")], '"My Worker" can\'t be the name of a package');
  await refused([join(folder, "absent"), "--backend", "nonsense"], `unknown backend "nonsense"; there are: `);
  expect(contentsOf(taken)).toEqual({ "mine.txt": "mine" });
  expect(await readdir(folder)).not.toContain("absent");
});

/** Makes an app, moves it, and brings it to where it serves: what a user does on the first day. */
async function firstDay(app: string): Promise<string> {
  const made = join(folder, `made-of-${app}`);
  expect(await npm(root, "run", "--silent", "new-app", "--", made, "--backend", app)).toMatchObject({ status: 0 });
  const moved = join(await mkdtemp(join(tmpdir(), "pyworker-moved-")), "elsewhere");
  cleanUp(() => rm(dirname(moved), { recursive: true, force: true }));
  await rename(made, moved);
  for (const words of [["install", "--no-audit", "--no-fund", "--prefer-offline"], ["run", "check"], ["test"]]) {
    const { output, status } = await npm(moved, ...words);
    expect({ words, status, output }).toEqual({ words, status: 0, output });
  }
  expect(JSON.parse(await readFile(join(moved, "package-lock.json"), "utf8"))).toMatchObject({
    name: `made-of-${app}`,
  });
  return moved;
}

interface Exchange {
  env?: Readonly<Record<string, string>>;
  model: { url: string; logFile: string };
  route: string;
  payload: object;
  /** Stands in the answer. */
  answer: string;
}

/** Serves by `npm start` before a model server. */
async function expectAnswer(cwd: string, { answer, env = {}, model, payload, route }: Exchange): Promise<void> {
  const program = await startProgram({ command: "npm", args: ["start", "--silent"], cwd, env, model });
  cleanUp(() => program.stop());
  const response = await program.post(route, payload);
  const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
  expect([response.status, text]).toEqual([200, expect.stringContaining(answer)]);
  expect(await program.stop()).toBe(0);
}

verifies(["app/alone"], "a copy of apps/vllm stands alone", async () => {
  const cwd = await firstDay("vllm");
  const logFile = join(folder, "vllm.log");
  const model = await startVllmServer({ logFile });
  cleanUp(() => model.stop());
  const payload = { prompt: "Hello", max_tokens: 4 };
  await expectAnswer(cwd, {
    model: { url: model.url, logFile },
    route: "/v1/completions",
    payload,
    answer: "This is a stand-in",
  });
});

verifies(["app/alone"], "a copy of apps/comfyui stands alone", async () => {
  const cwd = await firstDay("comfyui");
  const logFile = join(folder, "comfyui.log");
  const model = await startComfyuiServer({ logFile });
  cleanUp(() => model.stop());
  const payload = { input: { modifier: "Text2Image", modifications: { prompt: "a red fox" } } };
  await expectAnswer(cwd, {
    env: { MODE: "direct" },
    model: { url: model.url, logFile },
    route: "/generate/sync",
    payload,
    answer: ".png",
  });
});

verifies(["app/alone"], "a copy of apps/custom stands alone, with its own model server", async () => {
  const cwd = await firstDay("custom");
  const logFile = join(folder, "custom.log");
  const { port } = await freePorts();
  const server = startProcess({
    command: process.execPath,
    args: ["model-server.ts"],
    cwd,
    env: { PORT: String(port), MODEL_LOG: logFile, LOAD_SECONDS: "0.1" },
  });
  cleanUp(() => server.stop());
  const payload = { x: -0.75, y: 0.1, zoom: 10 };
  await expectAnswer(cwd, {
    model: { url: `http://127.0.0.1:${port}`, logFile },
    route: "/draw",
    payload,
    answer: "PNG",
  });
});
