import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComfyuiFaults } from "../comfyui/faults.ts";

/** What a stand-in does wrong, until told otherwise. */
export interface FaultSettings extends ComfyuiFaults {
  /** Answer with this status instead. */
  status?: number;
  /** The status of `/health`. */
  healthStatus?: number;
  /** Take requests and never answer. */
  stall?: boolean;
  /** Break the connection before the first byte of an answer. */
  refuse?: boolean;
  /** Wait so long before an answer. */
  delayMs?: number;
  /** Wait so long before each chunk of a stream. */
  chunkDelayMs?: number;
  /** Break a stream after so many chunks, and any other answer in its middle. */
  dieAfterChunks?: number;
  /** Send so many chunks of a stream, then nothing more. */
  stallAfterChunks?: number;
  /** Send an error in place of the rest of a stream, as an engine does that fails with the status already sent. */
  errorAfterChunks?: number;
}

/** What becomes of a stream before its next chunk. */
export type ChunkFate = "send" | "dead" | "stalled" | "error";

interface FaultyExchange {
  path: string;
  response: ServerResponse;
  refuse(status: number, message: string): void;
}

export interface Faults {
  readonly current: FaultSettings;
  /** Replaces all settings; `{}` heals. */
  set(settings: FaultSettings): void;
  /** Does what the settings say to a request; true when that was its answer. */
  apply(exchange: FaultyExchange): Promise<boolean>;
  applyToChunk(index: number, response: ServerResponse): Promise<ChunkFate>;
}

const healthPaths = ["/health", "/ping", "/health_generate", "/system_stats"];

/** Whether it is a server's health that is asked for at this path. */
export const isProbe = (path: string): boolean => healthPaths.includes(path);

export function createFaults(initial: FaultSettings = {}): Faults {
  let current = initial;
  return {
    get current() {
      return current;
    },
    set: (settings) => {
      current = settings;
    },
    apply: async ({ path, refuse: sendError, response }) => {
      if (isProbe(path)) {
        return answerHealth(current, response);
      }
      const { delayMs = 0, refuse = false, stall = false, status } = current;
      await sleep(delayMs);
      if (refuse) {
        response.destroy();
      } else if (status !== undefined) {
        sendError(status, "fault on demand");
      }
      return refuse || stall || status !== undefined;
    },
    applyToChunk: async (index, response) => {
      const { chunkDelayMs = 0, dieAfterChunks, errorAfterChunks, stallAfterChunks } = current;
      if (chunkDelayMs > 0) {
        await sleep(chunkDelayMs);
      }
      if (index === dieAfterChunks) {
        // What was written must leave first, or the client would see no stream at all.
        await new Promise(setImmediate);
        response.destroy();
        return "dead";
      }
      if (index === stallAfterChunks) {
        return "stalled";
      }
      return index === errorAfterChunks ? "error" : "send";
    },
  };
}

function answerHealth({ healthStatus, refuse = false }: FaultSettings, response: ServerResponse): boolean {
  if (refuse) {
    response.destroy();
  } else if (healthStatus !== undefined) {
    response.writeHead(healthStatus).end();
  }
  return refuse || healthStatus !== undefined;
}
