#!/usr/bin/env node
import { createVllmWorker } from "./create-vllm-worker.ts";
import { readVllmOptions } from "./read-vllm-options.ts";

await createVllmWorker(readVllmOptions()).run();
