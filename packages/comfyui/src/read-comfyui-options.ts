import { type ConfigurationProblem, readVariables } from "@pyworker/core";
import { benchmarkVariables, readBenchmarkImage } from "./benchmark/text2image-benchmark.ts";
import type { ComfyuiWorkerOptions } from "./create-comfyui-worker.ts";
import { readS3Settings } from "./outputs/s3-settings.ts";
import { type ComfyuiSettings, defaultSettings } from "./settings.ts";

/** The environment variables of every worker for ComfyUI, beside the worker's own. */
export const comfyuiVariables = {
  MODE: "how jobs reach ComfyUI: `wrapper`, `direct` (without the API wrapper), or `auto`: by what answers",
  COMFYUI_URL: "where ComfyUI listens; unset: `http://127.0.0.1:18188`, or `MODEL_SERVER_URL` where `MODE` is `direct`",
  COMFYUI_INSTALL_PATH: "ComfyUI's folder, as `local_path` in answers names it; unset: `/workspace/ComfyUI`",
  INCLUDE_COMFYUI_RESPONSE: "`true`: answers hold what ComfyUI's history says of the job",
  OUTPUT_BASE64_MAX_BYTES: "the largest file that is sent as base64; unset: 10 MiB",
  MAX_QUEUE_TIME: "longest expected wait in seconds of a request whose client waits; unset: 10",
  MAX_JOB_SECONDS: "how long ComfyUI may work on one job, where `MODE` is `direct`; unset: 3600",
  MAX_QUEUE_SIZE: "jobs that may be under way or waiting; unset: 100",
  API_CACHE_TTL: "how many seconds a job can be asked about once it has ended; unset: 21600",
  WEBHOOK_URL: "a URL that is told how each job has ended",
  WEBHOOK_SECRET: "signs what it is told",
  WEBHOOK_ALLOWED_HOSTS:
    "`host` or `host:port`, separated by commas, that webhooks may name though they are on this machine or a private network",
  FETCH_ALLOWED_HOSTS: "the same for URLs among a job's inputs, and for S3 endpoints that requests name",
  FETCH_MAX_BYTES: "the largest input that is fetched; unset: 128 MiB",
  FETCH_SECONDS: "how long fetching an input may take; unset: 60",
  S3_ACCESS_KEY_ID: "where outputs are uploaded to, unless a request says otherwise: key",
  S3_SECRET_ACCESS_KEY: "its secret",
  S3_BUCKET_NAME: "the bucket",
  S3_ENDPOINT_URL: "the server; unset: AWS",
  S3_REGION: "the region",
  S3_CONNECT_TIMEOUT: "seconds until a connection is given up; unset: 60",
  S3_CONNECT_ATTEMPTS: "how often an upload is tried; unset: 3",
  ...benchmarkVariables,
} as const;

type VariableName =
  | keyof typeof comfyuiVariables
  | "MODEL_SERVER_URL"
  | "MODEL_SERVER_PORT"
  | "WORKER_PORT"
  | "WORKER_HTTP_PORT";
type Variables = Partial<Record<VariableName, string>>;

/** What core reads too, and this package has to know. */
const sharedNames = ["MODEL_SERVER_URL", "MODEL_SERVER_PORT", "WORKER_PORT", "WORKER_HTTP_PORT"] as const;
const names = [...(Object.keys(comfyuiVariables) as (keyof typeof comfyuiVariables)[]), ...sharedNames];

/** Options from the environment; `problems` names every variable that is wrong. */
export function readComfyuiOptions(variables: Variables = readVariables(names)): ComfyuiWorkerOptions {
  const problems: ConfigurationProblem[] = [];
  return {
    comfyui: readSettings(variables, problems),
    benchmark: {
      image: readBenchmarkImage(variables, problems),
      ...(variables.BENCHMARK_JSON_PATH === undefined ? {} : { path: variables.BENCHMARK_JSON_PATH }),
    },
    problems,
  };
}

function readSettings(variables: Variables, problems: ConfigurationProblem[]): ComfyuiSettings {
  const number = createNumberReader(variables, problems);
  const url = createUrlReader(variables, problems);
  const mode = readMode(variables, problems);
  const modelUrl = withPort(url("MODEL_SERVER_URL"), variables.MODEL_SERVER_PORT, mode);
  return {
    mode,
    comfyuiUrl: url("COMFYUI_URL") ?? (mode === "direct" ? modelUrl : undefined) ?? defaultSettings.comfyuiUrl,
    wrapperUrl: (mode === "direct" ? undefined : modelUrl) ?? defaultSettings.wrapperUrl,
    installPath: variables.COMFYUI_INSTALL_PATH ?? defaultSettings.installPath,
    includeResponse: readFlag(variables, problems),
    base64MaxBytes: number("OUTPUT_BASE64_MAX_BYTES") ?? defaultSettings.base64MaxBytes,
    maxQueueTime: number("MAX_QUEUE_TIME") ?? defaultSettings.maxQueueTime,
    jobSeconds: number("MAX_JOB_SECONDS", mostSeconds) ?? defaultSettings.jobSeconds,
    maxJobs: number("MAX_QUEUE_SIZE") ?? defaultSettings.maxJobs,
    resultSeconds: number("API_CACHE_TTL") ?? defaultSettings.resultSeconds,
    webhookUrl: url("WEBHOOK_URL"),
    webhookSecret: variables.WEBHOOK_SECRET,
    webhookHosts: [...listOf(variables.WEBHOOK_ALLOWED_HOSTS), ...ownHosts(variables)],
    fetchHosts: listOf(variables.FETCH_ALLOWED_HOSTS),
    maxInputFiles: defaultSettings.maxInputFiles,
    fetchMaxBytes: number("FETCH_MAX_BYTES") ?? defaultSettings.fetchMaxBytes,
    fetchSeconds: number("FETCH_SECONDS", mostSeconds) ?? defaultSettings.fetchSeconds,
    s3: readStorage(variables, problems),
  };
}

function readStorage(variables: Variables, problems: ConfigurationProblem[]): ComfyuiSettings["s3"] {
  const storage = Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith("S3_")));
  try {
    readS3Settings(undefined, storage);
  } catch (error) {
    const expected = error instanceof Error ? error.message : String(error);
    problems.push({ name: "S3_…", expected, found: "something else" });
  }
  return storage;
}

function readMode({ MODE: mode = "auto" }: Variables, problems: ConfigurationProblem[]): ComfyuiSettings["mode"] {
  if (mode === "wrapper" || mode === "direct" || mode === "auto") {
    return mode;
  }
  problems.push({ name: "MODE", expected: "wrapper, direct or auto", found: JSON.stringify(mode) });
  return "auto";
}

function readFlag({ INCLUDE_COMFYUI_RESPONSE: flag = "false" }: Variables, problems: ConfigurationProblem[]): boolean {
  if (!/^(true|false)$/i.test(flag)) {
    problems.push({ name: "INCLUDE_COMFYUI_RESPONSE", expected: "true or false", found: JSON.stringify(flag) });
  }
  return flag.toLowerCase() === "true";
}

const largestNumber = 1e12;
/** Timers take no more than 24 days. */
const mostSeconds = 2_000_000;

function createNumberReader(variables: Variables, problems: ConfigurationProblem[]) {
  return (name: VariableName, most = largestNumber): number | undefined => {
    const text = variables[name];
    const value = text !== undefined && /^[1-9]\d{0,11}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
    if (text !== undefined && value === undefined) {
      problems.push({ name, expected: `a whole number from 1 to ${most}`, found: JSON.stringify(text) });
    }
    return value;
  };
}

function createUrlReader(variables: Variables, problems: ConfigurationProblem[]) {
  return (name: VariableName): string | undefined => {
    const text = variables[name]?.replace(/\/+$/, "");
    if (text !== undefined && !/^https?:\/\/[^\s/]/.test(text)) {
      // Core names the model server's own.
      if (name !== "MODEL_SERVER_URL") {
        problems.push({ name, expected: "an http(s) URL", found: JSON.stringify(text) });
      }
      return undefined;
    }
    return text;
  };
}

/** As core puts the two together. */
function withPort(
  url: string | undefined,
  port: string | undefined,
  mode: ComfyuiSettings["mode"],
): string | undefined {
  if (port === undefined) {
    return url;
  }
  const joined = new URL(url ?? (mode === "direct" ? defaultSettings.comfyuiUrl : defaultSettings.wrapperUrl));
  joined.port = port;
  return joined.href.replace(/\/+$/, "");
}

const listOf = (text = ""): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/** A job in a session may end it by its webhook: `http://localhost:3001/session/end`, on the worker's internal port. */
function ownHosts({ WORKER_HTTP_PORT: internal, WORKER_PORT: port = "3000" }: Variables): string[] {
  const own = internal ?? String(Number(port) + 1);
  return ["localhost", "127.0.0.1", "[::1]"].map((host) => `${host}:${own}`);
}
