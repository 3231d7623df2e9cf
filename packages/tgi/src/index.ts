export { createTgiWorker, type TgiWorkerOptions } from "./create-tgi-worker.ts";
export { readTgiOptions, tgiVariables } from "./read-tgi-options.ts";
