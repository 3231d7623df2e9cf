#!/usr/bin/env node
import { runWorkerCommand } from "@pyworker/core";
import { createComfyuiWorker } from "./create-comfyui-worker.ts";
import { comfyuiVariables, readComfyuiOptions } from "./read-comfyui-options.ts";

await runWorkerCommand({
  command: "npx @pyworker/comfyui",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://github.com/pyworker/pyworker/tree/main/packages/comfyui#readme",
  variables: comfyuiVariables,
  createWorker: () => createComfyuiWorker(readComfyuiOptions()),
});
