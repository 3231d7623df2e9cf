import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { startComfyuiServer } from "@pyworker/testing";
import { documented } from "../docs/commands.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { createNpmStart, wordsOf } from "../harness/npm-start.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const npmStart = createNpmStart(cleanUp);

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-start-"));
  cleanUp(() => rm(folder, { recursive: true }));
  return folder;
}

/** A workflow in a file. */
async function workflowFile(steps: number, { fail = "", seed = "1" } = {}): Promise<string> {
  const path = join(await makeFolder(), "workflow.json");
  const slow = `{"class_type": "StandInSlow", "inputs": {"steps": ${steps}, "fail": "${fail}", "seed": ${seed}}}`;
  const save = `{"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "mine"}}`;
  await writeFile(path, `{"1": ${slow}, "2": ${save}}`);
  return path;
}

/** Runs it to its end; the file that it leaves, and what it prints. */
async function runOnce(...words: string[]): Promise<{ name: string; bytes: Buffer; output: string }> {
  const folder = await makeFolder();
  const { command } = await npmStart(...words, "--once", "--output", folder);
  expect([await command.exited, command.output()]).toEqual([0, expect.stringContaining("completed in")]);
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  const [name = ""] = names;
  return { name: join(folder, name), bytes: await readFile(join(folder, name)), output: command.output() };
}

const backends = [
  {
    command: documented("README.md", "npm start -- comfyui"),
    ...{ type: "image/png", signature: "\x89PNG", at: 0, node: /node 3 \(KSampler\), \d of 7 done/ },
  },
  {
    command: documented("apps/wan/README.md", "npm start -- wan"),
    ...{ type: "video/mp4", signature: "ftyp", at: 4, node: /node 96 \(KSamplerAdvanced\), \d+ of 14 done/ },
  },
  {
    command: documented("apps/ace/README.md", "npm start -- ace"),
    ...{ type: "audio/mpeg", signature: "ID3", at: 0, node: /node 52 \(KSampler\), \d of 10 done/ },
  },
];

for (const { at, command, node, signature, type } of backends) {
  const words = wordsOf(command);
  verifies(["command/jobs"], `${words} shows how its job goes, and leaves a file of ${type}`, async () => {
    const { bytes, name, output } = await runOnce(...words);
    expect(bytes.subarray(at, at + signature.length).toString("latin1")).toBe(signature);
    expect(output).toContain(`< ${name}  `);
    expect(output).toMatch(new RegExp(`  (\\d+ bytes|[\\d.]+ kB)  ${type}\n`));
    expect(output).toMatch(/\n {2}queued\n/);
    expect(output).toMatch(node);
    expect(output).toMatch(/\d+\.\d %, about [\d.]+ s left\n/);
  });
}

verifies(["command/jobs"], "goes through an API wrapper where that is the mode", async () => {
  const words = wordsOf(documented("apps/comfyui/README.md", "npm start -- comfyui"));
  const { bytes, output } = await runOnce(...words, "--mode", "wrapper", "--prompt", "a pear");
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(output).toMatch(/API wrapper +http:\/\/127\.0\.0\.1:\d+ /);
  expect(output).toContain("\n> a pear\n");
  expect(output).toMatch(/\d+\.\d %/);
});

verifies(["command/workflow", "command/real-model"], "runs a workflow of one's own on a given ComfyUI", async () => {
  const comfyui = await startComfyuiServer();
  cleanUp(() => comfyui.stop());
  const workflow = await workflowFile(2, { seed: "18446744073709551615" });
  const command = documented("README.md", "npm start -- comfyui --model-url http://127.0.0.1:18188 …")
    .replace("http://127.0.0.1:18188", comfyui.url)
    .replace("my-workflow.json", workflow);
  const { name, output } = await runOnce(...wordsOf(command));
  expect(name).toMatch(/mine_\d+_\.png$/);
  expect(output).toContain(`ComfyUI       ${comfyui.url}  (the worker measures it first`);
  const last = comfyui.requests.filter(({ path }) => path === "/prompt").at(-1);
  expect(last?.body.toString()).toContain('"seed":18446744073709551615');
});

verifies(["command/failed-job"], "says which node has failed and why, and exits 1", async () => {
  const { command } = await npmStart("comfyui", "--once", "--workflow", await workflowFile(3, { fail: "error" }));
  expect([await command.exited, command.output()]).toEqual([
    1,
    expect.stringContaining("failed: Generation failed: node 1 (StandInSlow): failed on demand"),
  ]);
});

verifies(["command/interrupted-job"], "ends a job that runs with the rest", async () => {
  const comfyui = await startComfyuiServer({ msPerStep: 100 });
  cleanUp(() => comfyui.stop());
  const { command, enginePort, said, workerPort } = await npmStart(
    ...["comfyui", "--model-url", comfyui.url, "--model", "sd_xl_base_1.0.safetensors", "--prompt", "a pear"],
  );
  await said("> a pear");
  await said("(KSampler)");
  expect(await command.stop("SIGINT")).toBe(0);
  expect(comfyui.jobs.at(-1)).toMatchObject({ state: "interrupted" });
  for (const port of [workerPort, workerPort + 1, enginePort]) {
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
  }
});
