import { readComfyuiOptions } from "@pyworker/comfyui";
import type { AceWorkerOptions } from "./create-ace-worker.ts";

/** Options from the environment, by the variables of @pyworker/comfyui. */
export const readAceOptions = (): AceWorkerOptions => readComfyuiOptions();
