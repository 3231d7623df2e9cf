export { type AceLimits, aceFields, defaultAceLimits } from "./ace-request.ts";
export { type AceWorkerOptions, createAceWorker } from "./create-ace-worker.ts";
export { readAceOptions } from "./read-ace-options.ts";
