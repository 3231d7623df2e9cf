export { type ApiWrapper, type ApiWrapperOptions, startApiWrapper } from "./api-wrapper/api-wrapper.ts";
export { type WrapperLogLines, wrapperLogLines } from "./api-wrapper/log-lines.ts";
export { type ObedientComfyui, startObedientComfyui } from "./api-wrapper/obedient-comfyui.ts";
export type { WrapperJob, WrapperResult, WrapperStatus } from "./api-wrapper/wrapper-job.ts";
export {
  type ComfyuiServer,
  type ComfyuiServerOptions,
  startComfyuiServer,
} from "./comfyui/comfyui-server.ts";
export type { ComfyuiFaults } from "./comfyui/faults.ts";
export { type ComfyuiLogLines, comfyuiLogLines } from "./comfyui/log-lines.ts";
export { bigFileChunks } from "./comfyui/nodes/stand-in-nodes.ts";
export type { ComfyuiJob } from "./comfyui/prompt.ts";
export { type FakeEngine, type ReportBody, startFakeEngine } from "./fake-engine.ts";
export { startLlamaServer } from "./llama/llama-server.ts";
export { type LlamaLogLines, llamaLogLines } from "./llama/log-lines.ts";
export { type ManualClock, manualClock } from "./manual-clock.ts";
export { type S3Server, startS3Server } from "./s3/start-s3-server.ts";
export { pick, seededRandom } from "./seeded-random.ts";
export type { FaultSettings } from "./server/faults.ts";
export { freePorts } from "./server/free-ports.ts";
export type { ModelServer, ModelServerOptions } from "./server/model-server.ts";
export type { FormField, SeenRequest } from "./server/seen-request.ts";
export { type SglangLogLines, sglangLogLines } from "./sglang/log-lines.ts";
export { startSglangServer } from "./sglang/sglang-server.ts";
export { createSigner, type SignedAuthData, type Signer } from "./signer.ts";
export { type StartedApp, startApp } from "./start-app.ts";
export { postJson, startInProcess } from "./start-in-process.ts";
export { type ChildProcess, startProcess } from "./start-process.ts";
export { type TgiFatalVariant, type TgiLogLines, tgiLogLines } from "./tgi/log-lines.ts";
export { startTgiServer, type TgiServerOptions } from "./tgi/tgi-server.ts";
export { until } from "./until.ts";
export { type VllmLogLines, vllmLogLines } from "./vllm/log-lines.ts";
export { startVllmServer, type VllmServer, type VllmServerOptions } from "./vllm/vllm-server.ts";
