import { setTimeout as sleep } from "node:timers/promises";
import type { ModelSignals } from "@pyworker/core";
import type { ComfyHttp } from "./comfy/comfy-http.ts";
import { isReady } from "./comfy/comfy-state.ts";
import type { WrapperClient } from "./wrapper/wrapper-client.ts";

/** How jobs reach ComfyUI: through its API wrapper, or without one. */
export type Mode = "wrapper" | "direct";

/** The two servers, and which of them takes the jobs. */
export interface Servers {
  readonly comfy: ComfyHttp;
  readonly wrapper: WrapperClient;
  /** Resolves at once, unless the mode is "auto" and neither has answered yet. */
  mode(): Promise<Mode>;
  /** What answers 200 while all is well. */
  readonly healthUrl: string;
  /** Waits until jobs can be taken, and says so. Where the mode is "auto", that settles it. */
  watch(model: Pick<ModelSignals, "loaded">, signal: AbortSignal): Promise<void>;
}

interface ServersOptions {
  mode: Mode | "auto";
  comfy: ComfyHttp;
  wrapper: WrapperClient;
  pollMilliseconds?: number;
  /** How long "auto" waits for a wrapper, once ComfyUI answers. */
  patienceMilliseconds?: number;
}

export function createServers({
  mode: wanted,
  comfy,
  wrapper,
  pollMilliseconds = 250,
  patienceMilliseconds = 5000,
}: ServersOptions): Servers {
  const known = Promise.withResolvers<Mode>();
  let mode: Mode | undefined;
  const settle = (found: Mode): void => {
    mode = found;
    known.resolve(found);
  };
  if (wanted !== "auto") {
    settle(wanted);
  }
  let comfyAnsweredAt: number | undefined;

  /** The mode in which jobs can be taken now. */
  const look = async (signal: AbortSignal): Promise<Mode | undefined> => {
    const [hasComfy, hasWrapper] = await Promise.all([
      isReady(comfy, signal),
      wanted === "direct" ? false : wrapper.isHealthy(signal),
    ]);
    comfyAnsweredAt = hasComfy ? (comfyAnsweredAt ?? performance.now()) : undefined;
    if (hasWrapper) {
      return "wrapper";
    }
    const patience = wanted === "direct" ? 0 : patienceMilliseconds;
    const isAlone = comfyAnsweredAt !== undefined && performance.now() - comfyAnsweredAt >= patience;
    return wanted !== "wrapper" && isAlone ? "direct" : undefined;
  };

  return {
    comfy,
    wrapper,
    mode: () => known.promise,
    get healthUrl() {
      return mode === "wrapper" ? `${wrapper.url}/health` : `${comfy.url}/system_stats`;
    },
    watch: async ({ loaded }, signal) => {
      while (!signal.aborted) {
        const found = await look(signal);
        if (found !== undefined) {
          settle(found);
          loaded();
          return;
        }
        await sleep(pollMilliseconds, undefined, { signal, ref: false });
      }
    },
  };
}
