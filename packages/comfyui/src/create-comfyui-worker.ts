import { type LogActions, Worker, type WorkerOptions } from "@pyworker/core";
import { createBenchmarkPayloads } from "./benchmark/create-benchmark-payloads.ts";
import { type BenchmarkImage, createText2ImageBenchmark } from "./benchmark/text2image-benchmark.ts";
import { checkServers } from "./check-servers.ts";
import { comfyuiLogActions } from "./comfy/log-actions.ts";
import type { ComfyuiBackend } from "./comfyui-backend.ts";
import { createHandlers } from "./create-handlers.ts";
import { jobRequestSchema } from "./inputs/job-request.ts";
import { createServices } from "./services.ts";
import { type ComfyuiSettings, defaultSettings } from "./settings.ts";
import { workflowWorkload } from "./workload/price-workflow.ts";
import { wrapperLogActions } from "./wrapper/log-actions.ts";

/** Any option of a worker, with what is particular to ComfyUI. */
export interface ComfyuiWorkerOptions extends Partial<WorkerOptions> {
  comfyui?: Partial<ComfyuiSettings>;
  benchmark?: ComfyuiBenchmarkOptions;
}

/** Where the benchmark's request comes from. */
export interface ComfyuiBenchmarkOptions {
  /** The app's own file, that need not exist. Default: `misc/benchmark.json` in the working directory. */
  file?: string;
  /** A file that goes next. */
  path?: string;
  /** What is made where there is no file. */
  image?: BenchmarkImage;
}

const comfyuiLog = "/var/log/portal/comfyui.log";
const wrapperLog = "/var/log/portal/api-wrapper.log";
/** What Vast's worker takes any job to cost. */
const usualWorkload = 100;
/** Where Vast's image keeps a request to benchmark with. */
const wellKnownBenchmark = "/opt/comfyui-api-wrapper/workflows/pyworker_benchmark.json";

/** A worker for ComfyUI, with or without its API wrapper. */
export function createComfyuiWorker({ benchmark = {}, ...options }: ComfyuiWorkerOptions = {}): Worker {
  const image = benchmark.image ?? { width: 512, height: 512, steps: 20 };
  return createBackendWorker(
    {
      name: "comfyui",
      usualWorkload,
      workload: (workflow) => workflowWorkload(workflow, { kind: "image", fallback: usualWorkload }),
      benchmark: { builtIn: createText2ImageBenchmark(image), runs: 8, maxSeconds: 600 },
    },
    { benchmark, ...options },
  );
}

/** The same for a backend of its own on ComfyUI. */
export function createBackendWorker(backend: ComfyuiBackend, options: ComfyuiWorkerOptions): Worker {
  const { benchmark = {}, comfyui, watchModel, ...others } = options;
  const settings = { ...defaultSettings, ...comfyui };
  const services = createServices(settings);
  const isDirect = settings.mode === "direct";
  const payload = jobRequestSchema({ ...backend, mayHaveWrapper: !isDirect });
  const nextRequest = createBenchmarkPayloads({
    file: benchmark.file ?? "misc/benchmark.json",
    path: benchmark.path,
    wellKnown: wellKnownBenchmark,
    builtIn: backend.benchmark.builtIn,
    faultOf: (input) => faultIn(payload.safeParse({ input })),
    log: () => services.log,
  });
  return new Worker({
    backend: backend.name,
    modelServerUrl: isDirect ? settings.comfyuiUrl : settings.wrapperUrl,
    modelLogFile: isDirect ? comfyuiLog : [wrapperLog, comfyuiLog],
    modelHealthcheckUrl: () => services.servers.healthUrl,
    handlers: createHandlers(services, { backend, payload, nextRequest }),
    logActions: isDirect ? comfyuiLogActions : logActionsOfBoth,
    checkModel: (signal) => checkServers(services.servers, { settings, problems: others.problems ?? [], signal }),
    ...others,
    watchModel: async (model, signal) => {
      await Promise.all([services.watch(model, signal), watchModel?.(model, signal)]);
    },
  });
}

const faultIn = ({ error }: { error?: { issues: readonly { message: string }[] } }): string | undefined =>
  error?.issues.map(({ message }) => message).join("; ");

/** That ComfyUI itself is ready says nothing of its wrapper. */
const logActionsOfBoth: LogActions = {
  onLoad: wrapperLogActions.onLoad ?? [],
  onError: [...(wrapperLogActions.onError ?? []), ...(comfyuiLogActions.onError ?? [])],
  onFatal: comfyuiLogActions.onFatal ?? [],
  onSuspect: [...(wrapperLogActions.onSuspect ?? []), ...(comfyuiLogActions.onSuspect ?? [])],
  onInfo: [...(wrapperLogActions.onInfo ?? []), ...(comfyuiLogActions.onInfo ?? [])],
};
