#!/usr/bin/env node
import { createTgiWorker } from "./create-tgi-worker.ts";
import { readTgiOptions } from "./read-tgi-options.ts";

await createTgiWorker(readTgiOptions()).run();
