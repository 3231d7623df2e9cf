import type { ComfyHttp } from "./comfy-http.ts";

interface FreeOptions {
  /** Whether models leave the GPU too; without it, only what ComfyUI remembers of earlier runs is forgotten. */
  unloadModels: boolean;
}

/**
 * Makes ComfyUI forget the results that it keeps of earlier runs, so that a workflow that it has run before runs again.
 * It does so between two prompts, before it takes the next.
 */
export async function freeMemory(comfy: ComfyHttp, { unloadModels }: FreeOptions): Promise<void> {
  await comfy.post("/free", { unload_models: unloadModels, free_memory: true });
}
