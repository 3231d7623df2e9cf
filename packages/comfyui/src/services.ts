import type { ModelSignals } from "@pyworker/core";
import { createComfyHttp } from "./comfy/comfy-http.ts";
import { createJobStore, type JobStore } from "./jobs/job-store.ts";
import type { JobFault } from "./jobs/result.ts";
import { createGuard, type Guard } from "./net/create-guard.ts";
import { openStorage } from "./outputs/open-storage.ts";
import type { S3Request } from "./outputs/s3-settings.ts";
import type { S3Storage } from "./outputs/s3-storage.ts";
import { createServers, type Servers } from "./servers.ts";
import type { ComfyuiSettings } from "./settings.ts";
import { createWrapperClient } from "./wrapper/wrapper-client.ts";

/** What jobs are done with. One of each for a worker. */
export interface ComfyuiServices {
  settings: ComfyuiSettings;
  servers: Servers;
  jobs: JobStore;
  /** Where inputs may be fetched from. */
  fetchGuard: Guard;
  webhookGuard: Guard;
  /** The worker's log, once it has started. */
  log: ModelSignals["log"];
  /** Where a job's outputs are uploaded to; undefined where they are not. Rejects with a JobError that names what is missing. */
  openStorage(request: S3Request | false | undefined): Promise<S3Storage | undefined>;
  /** A fault that is not the job's alone takes the worker out. */
  noteFault(fault: JobFault | undefined): void;
  /** Follows the servers until the signal aborts. */
  watch(model: ModelSignals, signal: AbortSignal): Promise<void>;
}

const silent: ModelSignals["log"] = { info: () => {}, warn: () => {} };

export function createServices(settings: ComfyuiSettings): ComfyuiServices {
  const servers = createServers({
    mode: settings.mode,
    comfy: createComfyHttp(settings.comfyuiUrl),
    wrapper: createWrapperClient(settings.wrapperUrl),
  });
  // Where a request has an endpoint of its own, its uploads stay off the inside as fetching does.
  const fetchGuard = createGuard({ allowedHosts: settings.fetchHosts });
  let model: ModelSignals | undefined;
  return {
    settings,
    servers,
    jobs: createJobStore({ keepSeconds: settings.resultSeconds }),
    fetchGuard,
    webhookGuard: createGuard({ allowedHosts: settings.webhookHosts }),
    get log() {
      return model?.log ?? silent;
    },
    openStorage: (request) => openStorage(request, { environment: settings.s3, guard: fetchGuard }),
    noteFault: (fault) => {
      if (fault !== undefined && faultsOfTheServer.has(fault.type)) {
        model?.failed(fault.message);
      }
    },
    watch: (signals, signal) => {
      model = signals;
      return servers.watch(signals, signal);
    },
  };
}

const faultsOfTheServer: ReadonlySet<JobFault["type"]> = new Set(["gpu_failed", "prompt_worker_dead"]);
