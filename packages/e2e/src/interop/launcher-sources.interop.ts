import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, jest } from "@jest/globals";
import { startVllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { commitAll } from "../harness/deploy/copy-repository.ts";
import { packPackages } from "../harness/deploy/pack-packages.ts";
import { answerOf, standFor, startMachine, writeFiles } from "../harness/deploy/start-machine.ts";
import { startRegistry } from "../harness/deploy/start-registry.ts";
import { createTinyMachines } from "../harness/deploy/start-tiny-machine.ts";
import { commitTinyApp, tinyWorker } from "../harness/deploy/tiny-app.ts";
import { verifies } from "../harness/verifies.ts";
import { installMilliseconds } from "./python.ts";

jest.setTimeout(installMilliseconds);

const run = promisify(execFile);
const cleanUp = createCleanUps();
const startTinyMachine = createTinyMachines(cleanUp);

verifies(["launcher/sources"], "takes the branch and the folder of a /tree/ URL, slashes and all", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  const git = (...args: string[]) => run("git", args, { cwd: repository });
  await git("branch", "a");
  await git("checkout", "--quiet", "-b", "b/new");
  await commitTinyApp(repository, "on the branch", { name: "nested/app" });
  await git("checkout", "--quiet", "main");
  await standFor(machine, "https://github.com/some-one/some.thing.git", repository);
  const PYWORKER_REPO = "https://github.com/some-one/some.thing/tree/b/new/apps/nested/app/";
  const first = launch({ PYWORKER_REPO, BACKEND: undefined });
  expect(await answerOf(machine)).toMatchObject({ answer: "on the branch" });
  await first.stop();
  const commit = await commitTinyApp(repository, "on another", { name: "nested/app" });
  launch({ PYWORKER_REPO, BACKEND: undefined, PYWORKER_REF: commit });
  expect(await answerOf(machine)).toMatchObject({ answer: "on another" });
});

verifies(["launcher/sources"], "takes a commit by a part of its name, and a folder by PYWORKER_APP", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  const commit = await commitTinyApp(repository, "second", { name: "other" });
  await commitTinyApp(repository, "third", { name: "other" });
  launch({ PYWORKER_REF: commit.slice(0, 9), PYWORKER_APP: "apps/other" });
  expect(await answerOf(machine)).toMatchObject({ answer: "second" });
});

verifies(["launcher/sources"], "fetches anew where other code is asked for than at the start before", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  await commitTinyApp(repository, "another", { name: "tgi" });
  const first = launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  await first.stop();
  launch({ BACKEND: "tgi" });
  expect(await answerOf(machine)).toMatchObject({ answer: "another" });
});

verifies(["launcher/sources"], "runs a folder that is on the machine already, and fetches nothing", async () => {
  const { launch, machine } = await startTinyMachine();
  const folder = join(machine.folder, "an app");
  await writeFiles(folder, { "worker.js": tinyWorker("from the image"), ".env": "FROM_FILE=yes\nHF_TOKEN=file\n" });
  launch({ PYWORKER_REPO: "http://127.0.0.1:9/absent.git", PYWORKER_APP: folder, HF_TOKEN: "environment" });
  expect(await answerOf(machine)).toMatchObject({
    answer: "from the image",
    env: { FROM_FILE: "yes", HF_TOKEN: "environment" },
  });
  expect(machine.engine.workers()).toEqual([]);
});

verifies(["launcher/sources"], "runs an app that was forked, with packages from the registry", async () => {
  const machine = await startMachine();
  cleanUp(() => machine.stop());
  const [repository, packages] = [join(machine.folder, "fork"), join(machine.folder, "packages")];
  await Promise.all([repository, packages].map((folder) => mkdir(folder)));
  const registry = await startRegistry(await packPackages(packages), machine.folder);
  cleanUp(() => registry.stop());
  for (const name of ["worker.ts", "package.json"]) {
    await cp(fileURLToPath(new URL(`../../../../apps/vllm/${name}`, import.meta.url)), join(repository, name));
  }
  await commitAll(repository);
  const logFile = join(machine.folder, "model.log");
  const model = await startVllmServer({ logFile });
  cleanUp(() => model.stop());
  machine.launch({
    ...registry.env,
    PYWORKER_REPO: repository,
    MODEL_SERVER_URL: model.url,
    MODEL_LOG: logFile,
  });
  await machine.engine
    .waitForWorker(({ status }) => status === "ready")
    .catch(async (error) => {
      throw new Error(`${error}\nthe launcher said:\n${await machine.log()}`);
    });
  expect(machine.engine.violations()).toEqual([]);
});

verifies(["launcher/script"], "may be piped into bash", async () => {
  const { launch, machine } = await startTinyMachine();
  launch({}, "piped");
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});
