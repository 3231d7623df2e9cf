import type { Mode } from "./servers.ts";

/** What is particular to ComfyUI. */
export interface ComfyuiSettings {
  /** How jobs reach ComfyUI; "auto": through its API wrapper where there is one. */
  mode: Mode | "auto";
  /** Where ComfyUI itself listens. */
  comfyuiUrl: string;
  /** Where its API wrapper listens. */
  wrapperUrl: string;
  /** ComfyUI's folder, with `output` in it, as answers name it. */
  installPath: string;
  /** Whether answers hold what ComfyUI's history says of a job. */
  includeResponse: boolean;
  /** The largest file that is sent as base64. */
  base64MaxBytes: number;
  /** Longest expected wait in seconds of a request that its client waits for. */
  maxQueueTime: number;
  /** How long ComfyUI may work on one job, without its API wrapper. */
  jobSeconds: number;
  /** How many jobs may be under way at a time. */
  maxJobs: number;
  /** How long a job can be asked about once it has ended. */
  resultSeconds: number;
  /** Told of every job whose request names no webhook. */
  webhookUrl: string | undefined;
  /** Signs what webhooks are told, unless a request brings a secret of its own. */
  webhookSecret: string | undefined;
  /** Hosts that webhooks may name though their address is none of the public internet: `localhost:3001`. */
  webhookHosts: readonly string[];
  /** The same for URLs among a job's inputs. */
  fetchHosts: readonly string[];
  /** The most files that a job may bring. */
  maxInputFiles: number;
  /** The largest input that is fetched. */
  fetchMaxBytes: number;
  /** How long fetching an input may take. */
  fetchSeconds: number;
  /** `S3_ACCESS_KEY_ID` and the like: where outputs go unless a request says otherwise. */
  s3: Readonly<Record<string, string | undefined>>;
}

export const defaultSettings: ComfyuiSettings = {
  mode: "auto",
  comfyuiUrl: "http://127.0.0.1:18188",
  wrapperUrl: "http://127.0.0.1:18288",
  installPath: "/workspace/ComfyUI",
  includeResponse: false,
  base64MaxBytes: 10 * 1024 * 1024,
  maxQueueTime: 10,
  jobSeconds: 3600,
  maxJobs: 100,
  resultSeconds: 21_600,
  webhookUrl: undefined,
  webhookSecret: undefined,
  webhookHosts: [],
  fetchHosts: [],
  maxInputFiles: 64,
  fetchMaxBytes: 128 * 1024 * 1024,
  fetchSeconds: 60,
  s3: {},
};
