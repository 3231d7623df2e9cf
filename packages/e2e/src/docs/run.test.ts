import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startProcess, startVllmServer, type VllmServer } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startModel } from "../harness/start-model.ts";
import { nameOf, type Snippets, writeSnippets } from "./snippets.ts";
import { startProgram } from "./start-program.ts";

const patience = 60_000;
const source = "--conditions=@pyworker/source";

const cleanUp = createCleanUps();
let snippets: Snippets;
let folder: string;
let model: VllmServer & { logFile: string };

beforeAll(async () => {
  snippets = await writeSnippets();
  folder = await mkdtemp(join(tmpdir(), "pyworker-docs-"));
  const logFile = join(folder, "model.log");
  model = Object.assign(await startVllmServer({ logFile }), { logFile });
});

afterAll(async () => {
  await model.stop();
  await snippets.remove();
  await rm(folder, { recursive: true, force: true });
});

const completion = { prompt: "Hello", max_tokens: 4 };

/** The one snippet of a page that runs a worker. */
function workerOf(page: string): string {
  const [worker, ...others] = snippets.of(page).filter(({ text }) => text.includes("new Worker("));
  expect(others).toEqual([]);
  return worker?.file ?? `${page} has no worker`;
}

test.each(["README.md", "packages/core/README.md"])(
  "the worker on %s serves a model server",
  async (page) => {
    const file = workerOf(page);
    const worker = await startProgram({ args: [source, file], cwd: dirname(file), model });
    cleanUp(worker.stop);
    const answer = await worker.post("/v1/completions", completion);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ usage: { completion_tokens: 4 } });
    expect(await worker.stop()).toBe(0);
  },
  patience,
);

test(
  "the backend that docs/adding-a-backend.md builds serves, and refuses what its schema does",
  async () => {
    const page = snippets.of("docs/adding-a-backend.md");
    const main = page.find((snippet) => nameOf(snippet) === "src/worker.ts")?.file ?? "";
    const embedder = await startModel((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("[[0.25,-0.5]]");
    });
    cleanUp(embedder.stop);
    const logFile = join(folder, "embedder.log");
    await writeFile(logFile, "2026-01-01T00:00:00Z  INFO text_embeddings_router: Ready\n");
    const worker = await startProgram({
      args: [source, main],
      cwd: dirname(main),
      model: { url: embedder.url, logFile },
    });
    cleanUp(worker.stop);
    expect(await (await worker.post("/embed", { inputs: ["Hello"] })).json()).toEqual([[0.25, -0.5]]);
    expect((await worker.post("/embed", { inputs: 7 })).status).toBe(422);
    expect(await worker.stop()).toBe(0);
  },
  patience,
);

test("the snippet on packages/tokens/README.md counts tokens", async () => {
  const [snippet] = snippets.of("packages/tokens/README.md");
  const file = snippet?.file ?? "";
  const counting = startProcess({
    command: process.execPath,
    args: [source, file],
    cwd: dirname(file),
    env: process.env,
  });
  const status = await counting.exited;
  expect({ status, output: counting.output() }).toEqual({ status: 0, output: expect.stringMatching(/^[\d\s]+$/) });
});
