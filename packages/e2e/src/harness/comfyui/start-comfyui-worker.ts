import {
  type ApiWrapper,
  type ApiWrapperOptions,
  type ComfyuiServer,
  type ComfyuiServerOptions,
  startApiWrapper,
  startComfyuiServer,
} from "@pyworker/testing";
import { startWorker, type WorkerSettings, type WorkerUnderTest } from "../start-worker.ts";
import { realComfyuiUrl } from "./workflows.ts";

export type Mode = "direct" | "wrapper";

/** The modes that scenarios hold in: both, but for a real ComfyUI, which has no wrapper. */
export const modes: readonly Mode[] = realComfyuiUrl === undefined ? ["direct", "wrapper"] : ["direct"];

export interface ComfyuiWorkerSettings extends WorkerSettings {
  mode: Mode;
  /** For the stand-in. */
  comfyui?: ComfyuiServerOptions;
  wrapper?: Partial<ApiWrapperOptions>;
  /** Always a stand-in, whatever the environment says: the scenario needs its faults, or its record. */
  standInOnly?: boolean;
}

/** A worker for ComfyUI that is ready, with what stands behind it. */
export interface ComfyuiUnderTest {
  worker: WorkerUnderTest;
  comfyuiUrl: string;
  /** Throws where there is a real one. */
  readonly comfyui: ComfyuiServer;
  /** Undefined in direct mode. */
  wrapper: ApiWrapper | undefined;
  stop(): Promise<void>;
}

/** Starts a ComfyUI (or takes the real one that `COMFYUI_URL` names), a wrapper in wrapper mode, and a worker, and waits until it is ready. */
export async function startComfyuiWorker(settings: ComfyuiWorkerSettings): Promise<ComfyuiUnderTest> {
  const { comfyui: comfyuiOptions, mode, standInOnly = false, wrapper: wrapperOptions, ...workerSettings } = settings;
  const isReal = realComfyuiUrl !== undefined && !standInOnly;
  const standIn = isReal ? undefined : await startComfyuiServer({ msPerStep: 10, ...comfyuiOptions });
  const comfyuiUrl = standIn?.url ?? realComfyuiUrl ?? "";
  const wrapper = mode === "wrapper" ? await startApiWrapper({ comfyuiUrl, ...wrapperOptions }) : undefined;
  const worker = await startWorker({
    program: "comfyui",
    modelUrl: wrapper?.url ?? comfyuiUrl,
    ...workerSettings,
    env: { MODE: mode, COMFYUI_URL: comfyuiUrl, MAX_QUEUE_TIME: "600", ...workerSettings.env },
  });
  const stop = async (): Promise<void> => {
    await worker.stop();
    await wrapper?.stop();
    await standIn?.stop();
  };
  const ready = worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
  await ready.catch(async (error) => {
    const output = worker.process.output();
    await stop();
    throw new Error(`the worker has not become ready; it said:\n${output}`, { cause: error });
  });
  return {
    worker,
    comfyuiUrl,
    get comfyui() {
      if (standIn === undefined) {
        throw new Error("this scenario needs the stand-in: set standInOnly");
      }
      return standIn;
    },
    wrapper,
    stop,
  };
}
