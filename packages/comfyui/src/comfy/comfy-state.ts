import type { ComfyHttp } from "./comfy-http.ts";

/** Whether ComfyUI takes requests. Rejects only when `signal` aborts. */
export async function isReady(comfy: ComfyHttp, signal?: AbortSignal): Promise<boolean> {
  try {
    const { status } = await comfy.get("/system_stats", signal);
    return status === 200;
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    return false;
  }
}
