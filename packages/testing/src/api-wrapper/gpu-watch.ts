import type { ComfyuiClient } from "./comfyui-client.ts";
import { wrapperLogLines } from "./log-lines.ts";
import { isConnectionFailure } from "./wrapper-job.ts";

/** Whether ComfyUI can still be of use, from what its jobs fail with. */
export interface GpuWatch {
  readonly state: { unrecoverable: boolean; reason: string };
  /** A job has failed, and said this. */
  heard(message: string): Promise<void>;
  worked(): void;
}

/** After these a GPU computes nothing more in the same process. */
const latchTriggers = [
  "unspecified launch failure",
  "device-side assert triggered",
  "illegal memory access",
  "triton error [cuda]",
  "cuda runtime error",
  "cuda error: misaligned address",
  "cuda error: invalid device function",
  "cuda error: invalid configuration argument",
];
const memoryTriggers = ["out of memory", "outofmemoryerror", "failed to allocate"];
const failureThreshold = 3;

export function createGpuWatch(comfyui: ComfyuiClient, log: (line: string) => Promise<void>): GpuWatch {
  const state = { unrecoverable: false, reason: "" };
  let failures = 0;
  const latch = async (reason: string): Promise<void> => {
    if (!state.unrecoverable) {
      Object.assign(state, { unrecoverable: true, reason });
      await log(wrapperLogLines.unrecoverable(comfyui.url, reason));
    }
  };
  return {
    state,
    heard: async (message) => {
      const text = message.toLowerCase();
      const trigger = latchTriggers.find((words) => text.includes(words));
      if (memoryTriggers.some((words) => text.includes(words))) {
        await comfyui.post("/free", { unload_models: true, free_memory: true }).catch(() => undefined);
      } else if (trigger !== undefined) {
        await latch(trigger);
      } else if (isConnectionFailure(message)) {
        failures += 1;
        if (failures >= failureThreshold) {
          await latch(`backend unreachable for ${failures} consecutive jobs (${message})`);
        }
      }
    },
    worked: () => {
      failures = 0;
    },
  };
}
