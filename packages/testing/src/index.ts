export { type FakeEngine, type ReportBody, startFakeEngine } from "./fake-engine.ts";
export type { FaultSettings } from "./faults.ts";
export { createSigner, type SignedAuthData, type Signer } from "./signer.ts";
export { type ChildProcess, startProcess } from "./start-process.ts";
export { until } from "./until.ts";
export { type SeenRequest, startVllmServer, type VllmServer, type VllmServerOptions } from "./vllm-server.ts";
