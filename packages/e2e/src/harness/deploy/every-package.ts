/** A worker.ts that takes something of every public package, and knows their types. */
export const everyPackage = `\
import { type AceLimits, defaultAceLimits } from "@pyworker/ace";
import { type Workflow, type WorkloadUnit, workflowWorkload } from "@pyworker/comfyui";
import { defineHandler, Worker, type WorkerOptions } from "@pyworker/core";
import { createEngine, type Engine } from "@pyworker/engine";
import { chatRoute, createLlm, type Llm } from "@pyworker/llm";
import { startVllmServer, type VllmServer } from "@pyworker/testing";
import { createTgiWorker, type TgiWorkerOptions } from "@pyworker/tgi";
import { createTokenCounter, type TokenCounter } from "@pyworker/tokens";
import { createVllmWorker, readVllmOptions, type VllmWorkerOptions } from "@pyworker/vllm";
import { createWanWorker, type WanWorkerOptions } from "@pyworker/wan";

export const limits: AceLimits = defaultAceLimits;
export const price = (workflow: Workflow, unit: WorkloadUnit): number => workflowWorkload(workflow, unit);
export const makeWorker = (options: WorkerOptions): Worker => new Worker(options);
export const engine: Engine = createEngine();
export const llm: Llm = createLlm({ name: undefined, maxLength: 8192 });
export const chat = defineHandler({ route: "/chat", ...chatRoute(llm) });
export const startModel = (): Promise<VllmServer> => startVllmServer();
export const makeTgiWorker = (options: TgiWorkerOptions) => createTgiWorker(options);
export const counter: TokenCounter = createTokenCounter({ tokenizer: "cl100k_base" });
export const makeWanWorker = (options: WanWorkerOptions) => createWanWorker(options);
// @ts-expect-error: the types are there, and say no.
export const wrong: VllmWorkerOptions = { engine: 5 };

await createVllmWorker(readVllmOptions()).run();
`;
