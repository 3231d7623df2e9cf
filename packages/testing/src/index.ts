export { type FakeEngine, type ReportBody, startFakeEngine } from "./fake-engine.ts";
export type { FaultSettings } from "./faults.ts";
export { createSigner, type SignedAuthData, type Signer } from "./signer.ts";
export { type ChildProcess, startProcess } from "./start-process.ts";
export { until } from "./until.ts";
export type { SeenRequest } from "./vllm/answer.ts";
export { type VllmLogLines, vllmLogLines } from "./vllm/log-lines.ts";
export { startVllmServer, type VllmServer, type VllmServerOptions } from "./vllm/vllm-server.ts";
