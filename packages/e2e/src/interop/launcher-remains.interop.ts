import { existsSync } from "node:fs";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { isAlive } from "../harness/deploy/is-alive.ts";
import { answerOf, type Machine, writeFiles } from "../harness/deploy/start-machine.ts";
import { createTinyMachines } from "../harness/deploy/start-tiny-machine.ts";
import { commitTinyApp, tinyWorker } from "../harness/deploy/tiny-app.ts";
import { verifies } from "../harness/verifies.ts";

const startTinyMachine = createTinyMachines(createCleanUps());

const inPlace = (machine: Machine, name: string): string => join(machine.workspace, "pyworker", name);

/** A worker in two files. */
const inParts = (answer: string) => ({ "worker.js": 'require("./part.js");\n', "part.js": tinyWorker(answer) });

/** Deletes one file of the code that it is to delete: then it and its launcher are killed. */
const deadlyDelete = `#!/bin/bash
if [[ $2 == */checkout* && -e $2/apps/vllm/part.js ]]; then
  /bin/rm "$2/apps/vllm/part.js"
  kill -KILL $PPID
  exit
fi
exec /bin/rm "$@"
`;

verifies(["launcher/takes-over"], "stops a worker that was left behind whatever DRAIN_SECONDS is", async () => {
  const { launch, machine } = await startTinyMachine();
  let launcher = launch();
  for (const seconds of ["30s", "08"]) {
    await answerOf(machine);
    const pid = await machine.workerPid();
    await launcher.stop("SIGKILL");
    launcher = launch({ DRAIN_SECONDS: seconds });
    await until(async () => (await answerOf(machine)).env.DRAIN_SECONDS === seconds);
    expect(isAlive(pid)).toBe(false);
  }
  expect(machine.engine.workers()).toEqual([]);
});

verifies(["launcher/remains"], "waits for no worker that had ended before its start was noted", async () => {
  const { launch, machine } = await startTinyMachine();
  // No process has this number.
  await writeFiles(inPlace(machine, ""), { "worker.pid": "4194305 \n" });
  launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});

verifies(["launcher/remains"], "fetches code again whose worker is gone", async () => {
  const { launch, machine } = await startTinyMachine();
  const first = launch();
  await answerOf(machine);
  await first.stop();
  await rm(inPlace(machine, "checkout/apps/vllm/worker.js"));
  launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});

verifies(
  ["launcher/failures"],
  "tells of a worker that goes while it runs, and starts one that comes back",
  async () => {
    const { launch, machine } = await startTinyMachine();
    const folder = join(machine.folder, "app");
    await writeFiles(folder, { "worker.js": tinyWorker("from the image") });
    launch({ PYWORKER_APP: folder });
    await answerOf(machine);
    await rename(join(folder, "worker.js"), join(folder, "worker.ts.old"));
    process.kill(await machine.workerPid(), "SIGKILL");
    expect(await machine.errorReported("no worker")).toMatch(
      /^start_server\.sh: the worker ended with status 1 after \d+ s: there is no worker\.ts in \/.*\/app$/,
    );
    await rename(join(folder, "worker.ts.old"), join(folder, "worker.js"));
    expect(await answerOf(machine)).toMatchObject({ answer: "from the image" });
  },
);

verifies(["launcher/remains"], "trusts no code that a killed launcher was deleting", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  await commitTinyApp(repository, "", { files: inParts("first") });
  const first = launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  await first.stop();
  await commitTinyApp(repository, "", { files: inParts("second") });
  await writeFile(machine.updateFile, "");
  const programs = join(machine.folder, "programs");
  await writeFiles(programs, { rm: deadlyDelete });
  await chmod(join(programs, "rm"), 0o755);
  expect(await launch({ PATH: programs + delimiter + process.env.PATH }).exited).toBe(128);
  launch();
  expect(await answerOf(machine)).toMatchObject({ answer: "second" });
});

verifies(
  ["launcher/remains"],
  "takes the old code where a killed launcher had not put the new in its place",
  async () => {
    const { launch, machine, repository } = await startTinyMachine();
    const first = launch();
    await answerOf(machine);
    await first.stop();
    await rename(inPlace(machine, "checkout"), inPlace(machine, "checkout.old"));
    await rm(repository, { recursive: true });
    launch();
    expect(await answerOf(machine)).toMatchObject({ answer: "first" });
    expect(existsSync(inPlace(machine, "checkout.old"))).toBe(false);
  },
);

verifies(["launcher/update-beside"], "starts a worker again that ends while an update is made ready", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  const launcher = launch();
  await answerOf(machine);
  const [begun, released] = [join(machine.folder, "begun"), join(machine.folder, "released")];
  // An installation that takes as long as the test wants.
  const preinstall = `echo $$ > ${begun}; until test -e ${released}; do sleep 0.1; done`;
  const manifest = JSON.stringify({ scripts: { preinstall } });
  const installing = async (): Promise<number> => {
    await writeFile(machine.updateFile, "");
    return until(async () => Number(await readFile(begun, "utf8").catch(() => "")) || undefined);
  };
  await commitTinyApp(repository, "second", { files: { "package.json": manifest } });
  await installing();
  const pid = await machine.workerPid();
  process.kill(pid, "SIGKILL");
  await machine.errorReported("status 137");
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  expect(await machine.workerPid()).not.toBe(pid);
  await writeFile(released, "");
  await until(async () => (await answerOf(machine)).answer === "second");
  await Promise.all([rm(begun), rm(released)]);
  const installer = await installing();
  expect(await launcher.stop()).toBe(0);
  await until(() => !isAlive(installer));
});
