import type { ServerProcess } from "./server-process.ts";

/** A server that is measured. */
export interface Target {
  /** Without a path. */
  url: string;
  process: ServerProcess;
}

/** A worker, with what it takes to make its model load. */
export interface WorkerTarget extends Target {
  id: number;
  logFile: string;
  /** From its start until it listened. */
  startSeconds: number;
}
