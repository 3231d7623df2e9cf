#!/usr/bin/env node
import { runWorkerCommand } from "@pyworker/core";
import { createTgiWorker } from "./create-tgi-worker.ts";
import { readTgiOptions, tgiVariables } from "./read-tgi-options.ts";

await runWorkerCommand({
  command: "npx @pyworker/tgi",
  manifest: new URL("../package.json", import.meta.url),
  docs: "https://github.com/pyworker/pyworker/tree/main/packages/tgi#readme",
  variables: tgiVariables,
  createWorker: () => createTgiWorker(readTgiOptions()),
});
