#!/usr/bin/env node
import { runWorkerCommand } from "@pyworker/core";
import { createVllmWorker } from "./create-vllm-worker.ts";
import { readVllmOptions, vllmVariables } from "./read-vllm-options.ts";

await runWorkerCommand({
  command: "npx @pyworker/vllm",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://github.com/pyworker/pyworker/tree/main/packages/vllm#readme",
  variables: vllmVariables,
  createWorker: () => createVllmWorker(readVllmOptions()),
});
