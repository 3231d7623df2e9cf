import { execFile } from "node:child_process";
import { mkdir, rm, stat, truncate } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { answerOf, type Machine, startMachine, writeFiles } from "../harness/deploy/start-machine.ts";
import { startSigner } from "../harness/deploy/start-signer.ts";
import { createTinyMachines } from "../harness/deploy/start-tiny-machine.ts";
import { tinyWorker } from "../harness/deploy/tiny-app.ts";
import { verifies } from "../harness/verifies.ts";

const run = promisify(execFile);
const cleanUp = createCleanUps();
const startTinyMachine = createTinyMachines(cleanUp);

/** Kills the worker, and waits for an answer of the next one. */
async function killWorker(machine: Machine): Promise<void> {
  const pid = await machine.workerPid();
  process.kill(pid, "SIGKILL");
  // The file is empty for a moment.
  await until(async () => ((await machine.workerPid().catch(() => pid)) || pid) !== pid);
  await answerOf(machine);
}

verifies(
  ["launcher/poor-machines"],
  "serves with a pip of 2020, without git where nothing is fetched, and without openssl where there is no TLS",
  async () => {
    const machine = await startMachine({ hasNode: false });
    cleanUp(() => machine.stop());
    const [bin, python, app] = ["bin", "python", "app"].map((name) => join(machine.folder, name));
    await Promise.all(["git", "openssl"].map((name) => rm(join(String(bin), name))));
    await run("python3", ["-m", "venv", String(python)]);
    await run(join(String(python), "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "pip==20.0.2"]);
    await writeFiles(String(app), { "worker.js": tinyWorker("from an old image") });
    machine.launch({ PYWORKER_APP: app, PATH: [join(String(python), "bin"), bin].join(delimiter) });
    expect(await answerOf(machine, 60_000)).toMatchObject({ answer: "from an old image" });
    expect(machine.engine.workers()).toEqual([]);
  },
);

verifies(["launcher/certificate"], "goes on with a certificate that ends soon where it can't be renewed", async () => {
  const { launch, machine } = await startTinyMachine();
  const signer = await startSigner(join(machine.folder, "signer"));
  cleanUp(() => signer.stop());
  const tls = {
    USE_SSL: "true",
    SSL_CERT_FILE: join(machine.folder, "instance.crt"),
    SSL_KEY_FILE: join(machine.folder, "instance.key"),
    SIGN_CERT_URL: signer.url,
    // Where openssl has no file of its own to begin from.
    OPENSSL_CONF: join(machine.folder, "absent.cnf"),
  };
  signer.days = 5;
  const first = launch(tls);
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  expect(await machine.log()).toContain("WARNING: the certificate ends within 7 days: it is new\n");
  await first.stop();
  signer.answer = "not today";
  launch(tls);
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
  expect(signer.queries).toHaveLength(2);
  expect(await machine.log()).toContain(
    `WARNING: the certificate ends within 7 days: ${signer.url} answered 403, and no certificate for the key: not today`,
  );
  expect(machine.engine.workers()).toEqual([]);
});

verifies(["launcher/restarts"], "looks after its worker when the terminal that started it has closed", async () => {
  const { launch, machine } = await startTinyMachine();
  const { pid } = launch();
  await answerOf(machine);
  process.kill(pid, "SIGHUP");
  await killWorker(machine);
});

verifies(["launcher/update"], "updates once by a note that it can't take away", async () => {
  const { launch, machine } = await startTinyMachine();
  launch();
  await answerOf(machine);
  await mkdir(machine.updateFile);
  await until(async () => (await machine.log()).includes("stopping the worker for the update"));
  await answerOf(machine);
  // By then it has looked for a note again.
  await killWorker(machine);
  expect((await machine.log()).match(/updating the code/g)).toHaveLength(1);
});

verifies(["launcher/logs"], "sets a log aside that grows too large while the worker runs", async () => {
  const { launch, machine } = await startTinyMachine();
  launch();
  await answerOf(machine);
  const log = join(machine.workspace, "pyworker.log");
  await truncate(log, 60 * 1024 * 1024);
  await until(async () => (await stat(log)).size < 1024);
  expect((await stat(`${log}.old`)).size).toBe(60 * 1024 * 1024);
});

verifies(["launcher/environment"], "tells no password of a URL, and an address as the worker tells it", async () => {
  const { launch, machine } = await startTinyMachine();
  launch({
    PYWORKER_REPO: "http://me:p@ss@127.0.0.1:9/mine.git?private_token=secret",
    PUBLIC_IPADDR: "2001:db8::1",
    VAST_TCP_PORT_3000: "3000",
  });
  const told = `${await machine.errorReported("clone failed")}\n${await machine.log()}`;
  expect(told).toContain("http://127.0.0.1:9/mine.git");
  expect(told).not.toMatch(/p@ss|ss@|secret/);
  expect(machine.engine.workers()).toMatchObject([{ url: expect.stringMatching(/^http:\/\/\[2001:db8::1\]:\d+$/) }]);
});
