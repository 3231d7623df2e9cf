#!/usr/bin/env node
import { comfyuiVariables } from "@pyworker/comfyui";
import { runWorkerCommand } from "@pyworker/core";
import { createWanWorker } from "./create-wan-worker.ts";
import { readWanOptions } from "./read-wan-options.ts";

await runWorkerCommand({
  command: "npx @pyworker/wan",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://github.com/pyworker/pyworker/tree/main/packages/wan#readme",
  variables: comfyuiVariables,
  createWorker: () => createWanWorker(readWanOptions()),
});
