import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  type ModelServer,
  startApiWrapper,
  startComfyuiServer,
  startTgiServer,
  startVllmServer,
} from "@pyworker/testing";
import { type Snippets, writeSnippets } from "./snippets.ts";
import { type Program, startProgram } from "./start-program.ts";

const patience = 60_000;

let snippets: Snippets;
let folder: string;

beforeAll(async () => {
  snippets = await writeSnippets();
  folder = await mkdtemp(join(tmpdir(), "pyworker-docs-"));
});

afterAll(async () => {
  await snippets.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Example {
  /** What its worker says of the model server, and no other on the page. */
  words: string;
  model: ModelServer;
  logFile: string;
}

/** Runs a worker of the page before a stand-in, and stops both. */
async function withExample({ logFile, model, words }: Example, use: (worker: Program) => Promise<void>): Promise<void> {
  const page = snippets.of("docs/from-python.md");
  const examples = page.filter(({ text }) => text.includes("new Worker(") && text.includes(words));
  expect(examples).toHaveLength(1);
  const file = examples[0]?.file ?? "";
  const args = ["--conditions=@pyworker/source", file];
  const worker = await startProgram({ args, cwd: dirname(file), model: { url: model.url, logFile } });
  let status: number | undefined;
  try {
    await use(worker);
  } finally {
    status = await worker.stop();
    await model.stop();
  }
  expect(status).toBe(0);
}

test(
  "the worker for vLLM serves text and chats, and refuses what its schema does",
  async () => {
    const logFile = join(folder, "vllm.log");
    const model = await startVllmServer({ logFile });
    await withExample({ words: "modelServerPort: 18000", model, logFile }, async ({ post }) => {
      const completion = await post("/v1/completions", { prompt: "Hello", max_tokens: 4 });
      expect(await completion.json()).toMatchObject({ usage: { completion_tokens: 4 } });
      const messages = [{ role: "user", content: "Hello" }];
      expect((await post("/v1/chat/completions", { messages, max_tokens: 4 })).status).toBe(200);
      expect((await post("/v1/completions", { prompt: "Hello", max_tokens: "many" })).status).toBe(422);
    });
  },
  patience,
);

test(
  "the worker for TGI answers with the text alone, and passes streams and errors as they are",
  async () => {
    const logFile = join(folder, "tgi.log");
    const model = await startTgiServer({ logFile, json: true });
    await withExample({ words: "modelServerPort: 5001", model, logFile }, async ({ post }) => {
      const request = { inputs: "Hello", parameters: { max_new_tokens: 4 } };
      const answer = await post("/generate", request);
      expect({ status: answer.status, body: await answer.json() }).toEqual({
        status: 200,
        body: { text: expect.stringMatching(/./) },
      });
      const stream = await post("/generate_stream", request);
      expect(await stream.text()).toMatch(/^data:.*"generated_text"/s);
      const refused = await post("/generate", { ...request, inputs: "" });
      expect({ status: refused.status, body: await refused.json() }).toEqual({
        status: 422,
        body: expect.objectContaining({ error_type: "validation" }),
      });
      expect((await post("/generate", { inputs: "Hello" })).status).toBe(422);
    });
  },
  patience,
);

test(
  "the worker for ComfyUI makes a picture of a prompt, with another seed each time",
  async () => {
    const comfyui = await startComfyuiServer({ logFile: join(folder, "comfyui.log") });
    const logFile = join(folder, "api-wrapper.log");
    const model = await startApiWrapper({ comfyuiUrl: comfyui.url, logFile });
    await withExample({ words: "modelServerPort: 18288", model, logFile }, async ({ post }) => {
      const answer = await post("/generate/sync", { prompt: "a cat", steps: 4 });
      expect(await answer.json()).toMatchObject({
        status: "completed",
        output: [expect.objectContaining({ filename: expect.stringMatching(/\.png$/) })],
      });
      expect((await post("/generate/sync", { prompt: "a cat", steps: 0 })).status).toBe(422);
    });
    const seeds = comfyui.jobs.map(({ workflow }) => JSON.stringify(workflow).match(/"seed":(\d+)/)?.[1]);
    expect(seeds.length).toBeGreaterThan(2);
    expect(new Set(seeds).size).toBe(seeds.length);
    await comfyui.stop();
  },
  patience,
);
