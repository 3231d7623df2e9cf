import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect } from "@jest/globals";
import { appFolders, kubernetesFiles } from "../deploy/deploy-files.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { verifies } from "../harness/verifies.ts";
import { installMilliseconds, prepareLinters, scriptPath } from "./python.ts";

const run = promisify(execFile);
const cleanUp = createCleanUps();

const root = fileURLToPath(new URL("../../../../", import.meta.url));
/** Definitions of these don't come with Kubernetes; kubernetes.test.ts has them. */
const ofOthers = ["kustomization.yaml", "pod-monitor.yaml", "scaled-object.yaml"];
let linters: string;

beforeAll(async () => {
  linters = await prepareLinters();
}, installMilliseconds);

/** What a linter says of files, and its exit status. */
async function lint(name: string, ...words: string[]): Promise<[status: number, said: string]> {
  const result = run(join(linters, name), words, { cwd: root });
  return result.then(
    ({ stderr, stdout }) => [0, stdout + stderr],
    ({ code, stderr, stdout }) => [code, stdout + stderr],
  );
}

verifies(["container/lint"], "hadolint has nothing to say of any Dockerfile", async () => {
  const files = appFolders.map((folder) => `${folder}/Dockerfile`);
  expect(await lint("hadolint", "--no-color", ...files)).toEqual([0, ""]);
});

verifies(["container/lint"], "compose files are what the compose specification describes", async () => {
  const files = ["deploy/compose.yaml", "deploy/compose.vllm.yaml"];
  expect(await lint("python", scriptPath("check_compose.py"), ...files)).toEqual([0, ""]);
});

verifies(
  ["container/lint"],
  "manifests are what Kubernetes defines, without a field that it doesn't know",
  async () => {
    const files = kubernetesFiles.filter((path) => !ofOthers.some((name) => path.endsWith(`/${name}`)));
    expect(files.length).toBeGreaterThan(4);
    expect(await lint("kubernetes-validate", "--strict", "--quiet", ...files)).toEqual([0, ""]);
  },
);

verifies(["container/lint"], "a fault in any of them would be noticed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-lint-"));
  cleanUp(() => rm(folder, { recursive: true }));
  const faults: [name: string, text: string, linter: string[], said: string][] = [
    ["Dockerfile", "FROM node\n", ["hadolint", "--no-color"], "DL3006"],
    [
      "compose.yaml",
      "services: {a: {image: x, nonsense: 1}}\n",
      ["python", scriptPath("check_compose.py")],
      "nonsense",
    ],
    [
      "service.yaml",
      "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {nonsense: 1}}\n",
      ["kubernetes-validate", "--strict", "--quiet"],
      "nonsense",
    ],
  ];
  for (const [name, text, [linter = "", ...words], said] of faults) {
    await writeFile(join(folder, name), text);
    expect(await lint(linter, ...words, join(folder, name))).toEqual([1, expect.stringContaining(said)]);
  }
});
