#!/usr/bin/env node
import { createComfyuiWorker } from "./create-comfyui-worker.ts";
import { readComfyuiOptions } from "./read-comfyui-options.ts";

await createComfyuiWorker(readComfyuiOptions()).run();
