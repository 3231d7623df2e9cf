#!/usr/bin/env node
import { comfyuiVariables } from "@pyworker/comfyui";
import { runWorkerCommand } from "@pyworker/core";
import { createAceWorker } from "./create-ace-worker.ts";
import { readAceOptions } from "./read-ace-options.ts";

await runWorkerCommand({
  command: "npx @pyworker/ace",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://github.com/pyworker/pyworker/tree/main/packages/ace#readme",
  variables: comfyuiVariables,
  createWorker: () => createAceWorker(readAceOptions()),
});
