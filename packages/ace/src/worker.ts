#!/usr/bin/env node
import { createAceWorker } from "./create-ace-worker.ts";
import { readAceOptions } from "./read-ace-options.ts";

await createAceWorker(readAceOptions()).run();
