import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What a stand-in does wrong, until told otherwise. */
export interface FaultSettings {
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
  /** Break a stream after so many chunks. */
  dieAfterChunks?: number;
  /** Send so many chunks of a stream, then nothing more. */
  stallAfterChunks?: number;
}

export interface Faults {
  readonly current: FaultSettings;
  /** Replaces all settings; `{}` heals. */
  set(settings: FaultSettings): void;
  /** Does what the settings say to a request; true when that was its answer. */
  apply(path: string, response: ServerResponse): Promise<boolean>;
  applyToChunk(index: number, response: ServerResponse): Promise<boolean>;
}

export function createFaults(initial: FaultSettings = {}): Faults {
  let current = initial;
  return {
    get current() {
      return current;
    },
    set: (settings) => {
      current = settings;
    },
    apply: async (path, response) => {
      if (path === "/health") {
        return answerHealth(current, response);
      }
      const { delayMs = 0, refuse = false, stall = false, status } = current;
      await sleep(delayMs);
      if (refuse) {
        response.destroy();
      } else if (status !== undefined) {
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(`{"error":{"message":"fault on demand","code":${status}}}`);
      }
      return refuse || stall || status !== undefined;
    },
    applyToChunk: async (index, response) => {
      if (index === current.dieAfterChunks) {
        // What was written must leave first, or the client would see no stream at all.
        await new Promise(setImmediate);
        response.destroy();
        return true;
      }
      return index === current.stallAfterChunks;
    },
  };
}

function answerHealth({ healthStatus = 200, refuse = false }: FaultSettings, response: ServerResponse): boolean {
  if (refuse) {
    response.destroy();
  } else {
    response.writeHead(healthStatus).end();
  }
  return true;
}
