import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ModelServer, until } from "@pyworker/testing";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import {
  cacheModel,
  countByEncoding,
  countByFile,
  countBytes,
  sentencePiece,
  tokenizerFiles,
} from "../harness/tokenizers.ts";
import { verifies } from "../harness/verifies.ts";
import { said } from "../harness/wait-for.ts";

const { makeFolder, startTgiServer, startVllmServer, startWorker } = createStarters();
let vllm: ModelServer;

beforeAll(async () => {
  vllm = await startVllmServer();
});

beforeEach(() => vllm.faults.set({}));

const texts = {
  prose: "The harbour master kept two ledgers, and compared them on quiet evenings. ".repeat(20),
  numbers: "3.14159265358979323846 ".repeat(40),
  Chinese: "港口的管理員有兩本帳簿，".repeat(40),
  emoji: "👩‍👩‍👧 and 🏴‍☠️ at 25 °C… ".repeat(20),
  "special tokens of Qwen": "<|im_start|>user\nHow far?<|im_end|>\n".repeat(20),
  "special tokens of Llama": "<|start_header_id|>user<|end_header_id|>\n\nHow far?<|eot_id|>".repeat(20),
};

const byCl100k = countByEncoding("cl100k_base");
const byO200k = countByEncoding("o200k_base");
const byLlama = countByFile(tokenizerFiles.llama3);
const byQwen = countByFile(tokenizerFiles.qwen25);

/** A worker that is ready, and has asked the model all that it asks by itself. */
async function startReady(env: Readonly<Record<string, string>>): Promise<WorkerUnderTest> {
  const worker = await startWorker({ modelUrl: vllm.url, env });
  await worker.becomeReady();
  await said(worker, compared);
  return worker;
}

/** So many prompts of the same text cost a unit for each of its tokens, beside the answers. */
const prompts = 4;
const maxTokens = 2;

/** Waits until each text costs what its tokens do, while the model leaves it without an answer. */
async function expectCounts(worker: WorkerUnderTest, count: (text: string) => number): Promise<void> {
  vllm.faults.set({ stall: true });
  for (const [name, text] of Object.entries(texts)) {
    const leave = new AbortController();
    const payload = { prompt: Array(prompts).fill(text), max_tokens: maxTokens };
    const sent = worker.send("/v1/completions", payload, { signal: leave.signal }).catch(() => undefined);
    const expected = count(text) + prompts * maxTokens;
    let load = 0;
    await until(
      async () => {
        load = await worker.metric("pyworker_load");
        return load === expected;
      },
      { timeoutMs: 5000, what: () => `${name} to cost ${expected}; it costs ${load}` },
    );
    leave.abort();
    await sent;
    await until(async () => (await worker.metric("pyworker_load")) === 0);
  }
  vllm.faults.set({});
}

/** A line of the worker's log, by its message. */
function logged({ process }: WorkerUnderTest, message: string): Record<string, unknown> | undefined {
  const line = process
    .output()
    .split("\n")
    .find((text) => text.includes(`"msg":"${message}"`));
  return line === undefined ? undefined : JSON.parse(line);
}

const compared = "tokens as counted here, and by the model server";
const notMeant = "the tokenizer is not the one that was meant";

verifies(["tokens/own-file", "tokens/deviation"], "counts by the file that TOKENIZER names, Llama 3's", async () => {
  const asked = vllm.requests.length;
  const worker = await startReady({ TOKENIZER: tokenizerFiles.llama3 });
  expect(byLlama(texts.Chinese)).not.toBe(byCl100k(texts.Chinese));
  expect(byLlama(texts["special tokens of Llama"])).toBe(20 * 8);
  await expectCounts(worker, byLlama);
  expect(logged(worker, notMeant)).toBeUndefined();

  const questions = vllm.requests.slice(asked).filter(({ path }) => path === "/tokenize");
  const sums = { counted: 0, expected: 0 };
  for (const { body } of questions) {
    const { prompt, ...how } = JSON.parse(body.toString());
    expect(how).toEqual({ add_special_tokens: false });
    sums.counted += byLlama(prompt);
    sums.expected += Math.ceil(prompt.length / 4);
  }
  expect(sums.expected).toBeGreaterThan(100);
  expect(logged(worker, compared)).toMatchObject({
    ...sums,
    tokenizer: tokenizerFiles.llama3,
    deviation: expect.closeTo(sums.counted / sums.expected - 1),
  });
});

const qwen = "Qwen/Qwen2.5-7B-Instruct";

verifies(["tokens/hub", "tokens/own-file"], "counts by the served model's own file, in HF_HOME", async () => {
  const folder = await makeFolder();
  await cacheModel({ folder: join(folder, "hub"), model: qwen, tokenizer: tokenizerFiles.qwen25 });
  const worker = await startReady({ MODEL_NAME: qwen, HF_HOME: folder });
  expect(byQwen(texts.numbers)).toBeGreaterThan(2 * byCl100k(texts.numbers));
  await expectCounts(worker, byQwen);
  expect(logged(worker, notMeant)).toBeUndefined();
  expect(logged(worker, compared)).toMatchObject({ tokenizer: expect.stringContaining("models--Qwen--Qwen2.5") });
});

verifies(["tokens/hub"], "finds TGI's model by MODEL_ID in HF_HUB_CACHE", async () => {
  const folder = await makeFolder();
  await cacheModel({ folder, model: qwen, tokenizer: tokenizerFiles.qwen25 });
  const model = await startTgiServer();
  const env = { MODEL_ID: qwen, HF_HUB_CACHE: folder };
  const worker = await startWorker({ program: "tgi", modelUrl: model.url, env });
  await worker.becomeReady();
  model.faults.set({ stall: true });
  const leave = new AbortController();
  const payload = { inputs: texts.numbers, parameters: { max_new_tokens: maxTokens } };
  const sent = worker.send("/generate", payload, { signal: leave.signal }).catch(() => undefined);
  const expected = Math.round(0.25 * byQwen(texts.numbers) + maxTokens);
  await worker.engine.status(({ cur_load: load }) => load === expected);
  leave.abort();
  await sent;
});

verifies(["tokens/named"], "counts by a named encoding, and by bytes", async () => {
  for (const [name, count] of [
    ["o200k_base", byO200k],
    ["bytes", countBytes],
  ] as const) {
    const worker = await startReady({ TOKENIZER: name });
    await expectCounts(worker, count);
    expect(logged(worker, notMeant)).toBeUndefined();
    expect(logged(worker, compared)).toMatchObject({ tokenizer: name });
  }
});

verifies(["tokens/unusable"], "is ready with a file that can't be used, and says so", async () => {
  const file = join(await makeFolder(), "tokenizer.json");
  const cases: [content: string, why: string][] = [
    [JSON.stringify(sentencePiece), "SentencePiece (byte_fallback)"],
    [JSON.stringify({ model: { type: "Unigram", vocab: [] } }), "its model is Unigram, not BPE"],
    ['{"model": {"type": "BPE"', "JSON"],
  ];
  for (const [content, why] of cases) {
    await writeFile(file, content);
    const worker = await startReady({ TOKENIZER: file });
    await said(worker, notMeant);
    const { problem, tokenizer } = logged(worker, notMeant) ?? {};
    expect(tokenizer).toBe("o200k_base");
    expect(problem).toMatch(/tokenizer\.json: .*: using o200k_base$/);
    expect(problem).toContain(why);
    await expectCounts(worker, byO200k);
  }
});

verifies(["tokens/mistyped"], "says of a TOKENIZER that it is none, and which there are", async () => {
  const worker = await startReady({ TOKENIZER: "o200k_bass" });
  await said(worker, notMeant);
  expect(logged(worker, notMeant)).toMatchObject({
    tokenizer: "cl100k_base",
    problem: expect.stringMatching(/^o200k_bass: neither an encoding \(.*o200k_base.*: using cl100k_base$/),
  });
  await expectCounts(worker, byCl100k);
});
