import { readComfyuiOptions } from "@pyworker/comfyui";
import type { WanWorkerOptions } from "./create-wan-worker.ts";

/** Options from the environment, by the variables of @pyworker/comfyui. */
export const readWanOptions = (): WanWorkerOptions => readComfyuiOptions();
