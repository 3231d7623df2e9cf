#!/usr/bin/env node
import { createWanWorker } from "./create-wan-worker.ts";
import { readWanOptions } from "./read-wan-options.ts";

await createWanWorker(readWanOptions()).run();
