import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { isAlive } from "../harness/deploy/is-alive.ts";
import { answerOf, type Machine } from "../harness/deploy/start-machine.ts";
import { createTinyMachines } from "../harness/deploy/start-tiny-machine.ts";
import { commitTinyApp } from "../harness/deploy/tiny-app.ts";
import { verifies } from "../harness/verifies.ts";
import { prepareLinters } from "./python.ts";

const run = promisify(execFile);
const startTinyMachine = createTinyMachines(createCleanUps());
const deploy = fileURLToPath(new URL("../../../../deploy/", import.meta.url));

const logSays = (machine: Machine, text: string): Promise<boolean> =>
  until(async () => (await machine.log()).includes(text), { what: () => `a log that says ${text}` });

verifies(["launcher/restarts"], "starts a worker again that was killed, and tells the engine", async () => {
  const { launch, machine } = await startTinyMachine();
  launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  process.kill(await machine.workerPid(), "SIGKILL");
  expect(await machine.errorReported("status 137")).toMatch(
    /^start_server\.sh: the worker ended with status 137 after \d+ s: tiny worker listens$/,
  );
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});

verifies(
  ["launcher/takes-over"],
  "stops the worker that a killed launcher left behind, and starts its own",
  async () => {
    const { launch, machine } = await startTinyMachine();
    const first = launch();
    await answerOf(machine);
    const pid = await machine.workerPid();
    await first.stop("SIGKILL");
    expect(isAlive(pid)).toBe(true);
    launch();
    // The file is away, or empty, while the one is stopped and the other started.
    await until(async () => ((await machine.workerPid().catch(() => pid)) || pid) !== pid);
    expect(isAlive(pid)).toBe(false);
    expect(await answerOf(machine)).toMatchObject({ answer: "first" });
    expect(machine.engine.workers()).toEqual([]);
  },
);

verifies(["launcher/once"], "refuses to start twice, and leaves the first and the engine alone", async () => {
  const { launch, machine } = await startTinyMachine();
  const first = launch();
  await answerOf(machine);
  const second = launch();
  expect([await second.exited, second.output()]).toEqual([
    1,
    expect.stringContaining(`already running as process ${first.pid}: stop that one first`),
  ]);
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  expect(machine.engine.workers()).toEqual([]);
});

verifies(["launcher/signals"], "passes a stop on to the worker, and ends with the worker's status", async () => {
  for (const [signal, status] of [
    ["SIGTERM", 7],
    ["SIGINT", 0],
  ] as const) {
    const { launch, machine } = await startTinyMachine({ status });
    const launcher = launch();
    await answerOf(machine);
    const pid = await machine.workerPid();
    expect(await launcher.stop(signal)).toBe(status);
    expect(isAlive(pid)).toBe(false);
    expect(await readFile(join(machine.workspace, "pyworker.log"), "utf8")).toContain("tiny worker ends");
  }
});

verifies(["launcher/signals"], "stops at once while it has no worker yet", async () => {
  const { launch, machine } = await startTinyMachine();
  const launcher = launch({ PYWORKER_REPO: join(machine.folder, "absent") });
  await machine.errorReported("clone failed");
  expect(await launcher.stop()).toBe(143);
});

verifies(["launcher/signals"], "ends where the worker has ended well, or none is wanted", async () => {
  const { launch, machine } = await startTinyMachine();
  expect(await launch({ SERVERLESS: "false" }).exited).toBe(0);
  expect(existsSync(machine.workspace)).toBe(false);
  const launcher = launch();
  await answerOf(machine);
  process.kill(await machine.workerPid(), "SIGTERM");
  expect(await launcher.exited).toBe(0);
});

verifies(["launcher/update"], "has new code ready before it stops the worker", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  const launcher = launch();
  await answerOf(machine);
  const commit = await commitTinyApp(repository, "second");
  await writeFile(machine.updateFile, "");
  await until(async () => (await answerOf(machine)).answer === "second");
  await logSays(machine, `commit ${commit.slice(0, 7)} is installed`);
  expect(existsSync(machine.updateFile)).toBe(false);
  await launcher.stop();
  await commitTinyApp(repository, "third");
  const unchanged = launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "second" });
  await unchanged.stop();
  await writeFile(machine.updateFile, "");
  launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "third" });
  expect(machine.engine.workers()).toEqual([]);
});

verifies(["launcher/update"], "goes on with the old code where the new can't be had", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  launch({ npm_config_registry: "http://127.0.0.1:9", npm_config_fetch_retries: "0" });
  await answerOf(machine);
  const pid = await machine.workerPid();
  const manifest = JSON.stringify({ dependencies: { "some-package": "1.0.0" } });
  await commitTinyApp(repository, "second", { files: { "package.json": manifest } });
  await writeFile(machine.updateFile, "");
  await logSays(machine, "ERROR: the update failed, the old code goes on: install failed: ");
  expect(existsSync(machine.updateFile)).toBe(false);
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  expect(await machine.workerPid()).toBe(pid);
  expect(machine.engine.workers()).toEqual([]);
});

verifies(
  ["launcher/model-log"],
  "moves the model's log of an earlier boot away, and keeps one of this boot",
  async () => {
    const { launch, machine } = await startTinyMachine();
    const log = join(machine.folder, "model.log");
    await writeFile(log, "loaded yesterday\n");
    await utimes(log, new Date("2001-01-01"), new Date("2001-01-01"));
    await writeFile(`${log}.old`, "loaded before\n");
    const first = launch({ MODEL_LOG: log });
    await answerOf(machine);
    expect(await readFile(log, "utf8")).toBe("");
    expect(await readFile(`${log}.old`, "utf8")).toBe("loaded before\nloaded yesterday\n");
    await first.stop();
    await writeFile(log, "loaded today\n");
    launch({ MODEL_LOG: log });
    await answerOf(machine);
    expect(await readFile(log, "utf8")).toBe("loaded today\n");
  },
);

verifies(["launcher/environment"], "gives the worker what it was given, and a place for what it measures", async () => {
  const { launch, machine } = await startTinyMachine();
  launch({ HF_TOKEN: "hf-token", PYWORKER_VERSION: "1.1.0", MODEL_LOG: "/nonexistent/model.log" });
  expect((await answerOf(machine)).env).toMatchObject({
    CONTAINER_ID: "1",
    HF_TOKEN: "hf-token",
    MASTER_TOKEN: "master-token",
    MODEL_LOG: "/nonexistent/model.log",
    PYWORKER_VERSION: "1.1.0",
    REPORT_ADDR: machine.engineUrl,
    USE_SSL: "false",
    BENCHMARK_FILE: join(machine.workspace, "pyworker", "benchmark"),
  });
  expect(await machine.log()).not.toMatch(/hf-token|master-token/);
});

verifies(["launcher/script"], "passes shellcheck", async () => {
  const shellcheck = join(await prepareLinters(), "shellcheck");
  const { stdout } = await run(shellcheck, ["start_server.sh"], { cwd: deploy });
  expect(stdout).toBe("");
});
