#!/usr/bin/env node
import { readVariables } from "@pyworker/core";
import { createVllmWorker } from "./create-vllm-worker.ts";
import { isEngineName, presets } from "./presets.ts";

const { BACKEND: engine = "vllm", ...models } = readVariables([
  "BACKEND",
  "MODEL_NAME",
  "VLLM_MODEL",
  "SGLANG_MODEL",
  "LLAMA_MODEL",
]);
const model = models.MODEL_NAME ?? models.VLLM_MODEL ?? models.SGLANG_MODEL ?? models.LLAMA_MODEL;

if (isEngineName(engine)) {
  await createVllmWorker({ engine, ...(model === undefined ? {} : { model }) }).run();
} else {
  console.error(`BACKEND: expected one of ${Object.keys(presets).join(", ")}, found "${engine}"`);
  process.exitCode = 1;
}
