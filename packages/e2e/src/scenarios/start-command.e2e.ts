import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, jest } from "@jest/globals";
import { startVllmServer } from "@pyworker/testing";
import { documented } from "../docs/commands.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { createNpmStart, wordsOf } from "../harness/npm-start.ts";
import { verifies } from "../harness/verifies.ts";

// Some start the command many times over, with all that npm and turbo take.
jest.setTimeout(180_000);

const cleanUp = createCleanUps();
const npmStart = createNpmStart(cleanUp);

/** The same on all of these pages. */
const [plain] = [
  documented("README.md", "npm start"),
  documented("apps/vllm/README.md", "npm start"),
  documented("apps/custom/README.md", "npm start"),
  documented("docs/deploying.md", "npm start"),
  documented("docs/decisions/0001-node-24-as-a-package.md", "npm start"),
  documented("docs/decisions/0004-no-build-in-the-inner-loop.md", "npm start"),
] as const;

/** Runs it with more words, to its end. */
async function expectOneAnswer(...words: string[]): Promise<void> {
  const { command } = await npmStart("--once", "--prompt", "Sing", ...words);
  expect([words, await command.exited]).toEqual([words, 0]);
  expect(command.output()).toMatch(/worker +http:\/\/127\.0\.0\.1:\d+ +ready after [\d.]+ s/);
  expect(command.output()).toMatch(/> Sing\n< This is a stand-in/);
}

verifies(["command/once"], "shows a worker that became ready and a streamed answer, then exits 0", () =>
  expectOneAnswer(),
);

verifies(["command/once", "command/backends"], "does so with every other backend", async () => {
  for (const command of [
    documented("apps/sglang/README.md", "npm start -- sglang"),
    documented("apps/llama/README.md", "npm start -- llama"),
    documented("README.md", "npm start -- tgi"),
    documented("apps/tgi/README.md", "npm start -- tgi"),
  ]) {
    await expectOneAnswer(...wordsOf(command));
  }
});

verifies(["command/backends"], "names all backends in its help", async () => {
  const { command } = await npmStart("--help");
  expect([await command.exited, command.output()]).toEqual([
    0,
    expect.stringContaining("Backends: vllm, sglang, llama, tgi, comfyui, wan, ace (default: vllm)"),
  ]);
});

verifies(["command/serve"], "keeps serving until it is interrupted, and leaves nothing running", async () => {
  const { command, enginePort, said, workerPort } = await npmStart(...wordsOf(plain));
  await said("Serving.");
  const engine = await fetch(`http://127.0.0.1:${enginePort}/`);
  expect(await engine.json()).toMatchObject({ workers: [{ status: "ready" }], violations: [] });
  expect(await command.stop("SIGINT")).toBe(0);
  for (const port of [workerPort, workerPort + 1, enginePort]) {
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
  }
});

verifies(["command/real-model"], "puts a given model server behind the worker", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-start-"));
  cleanUp(() => rm(folder, { recursive: true }));
  const logFile = join(folder, "model.log");
  const model = await startVllmServer({ model: "my-model", logFile });
  cleanUp(() => model.stop());
  const words = ["--model-url", model.url, "--model-log", logFile, "--model", "my-model"];
  const { command } = await npmStart("--once", ...words);
  expect([await command.exited, command.output()]).toEqual([
    0,
    expect.stringContaining(`model server  ${model.url}\n`),
  ]);
  expect(
    model.requests
      .filter(({ path }) => path === "/v1/completions")
      .at(-1)
      ?.body.toString(),
  ).toContain("my-model");
});

verifies(["command/mistakes"], "says what is wrong with its options", async () => {
  const cases: [words: string[], message: string][] = [
    [["nonsense"], 'unknown backend "nonsense"; there are: vllm, sglang, llama, tgi, comfyui, wan, ace'],
    [["tgi", "vllm"], 'unknown backend "tgi vllm"; there are: vllm, sglang, llama, tgi, comfyui, wan, ace'],
    [["--model-url", "http://127.0.0.1:9"], "--model-url and --model-log go together"],
    [["--nonsense"], "--nonsense"],
    [["wan", "--model", "wan2.2"], "wan takes no --model"],
    [["comfyui", "--mode", "magic"], '--mode is direct or wrapper, not "magic"'],
    [["ace", "--workflow", "x.json", "--prompt", "folk"], "leave out --prompt and --model"],
  ];
  for (const [words, message] of cases) {
    const { command } = await npmStart(...words);
    expect([await command.exited, command.output()]).toEqual([1, expect.stringContaining(message)]);
  }
});
