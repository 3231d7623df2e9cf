import type { Exchange, Handler, Routes } from "../server/exchange.ts";
import { type Fields, isObject } from "../server/read-body.ts";
import type { FileStore } from "./file-store.ts";
import { isForeign } from "./is-foreign.ts";
import { parseExact, stringifyExact } from "./json.ts";
import type { ComfyuiJob } from "./prompt.ts";
import type { PromptWorker } from "./prompt-worker.ts";
import type { SocketHub } from "./socket-hub.ts";

/** What the routes of a stand-in for ComfyUI work on. */
export interface ComfyuiState {
  files: FileStore;
  hub: SocketHub;
  /** That of the process that is alive. */
  worker(): PromptWorker;
  jobs: ComfyuiJob[];
  /** Whether it answers as ComfyUI does since 2026, rather than as 0.3.64. */
  isNewest: boolean;
  maxUploadBytes: number;
  log(...lines: string[]): void;
}

export function answerJson({ response }: Exchange, status: number, value: unknown): void {
  const text = stringifyExact(value);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

export function answerText({ response }: Exchange, status: number, text = ""): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** The JSON object of a request; undefined where it is none. */
export function fieldsOf({ seen }: Exchange): Fields | undefined {
  try {
    const value = parseExact(seen.body.toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const queryOf = ({ seen }: Exchange): URLSearchParams => new URL(seen.path, "http://localhost").searchParams;

/** The last part of a path. */
export const lastPartOf = ({ seen }: Exchange): string =>
  decodeURIComponent(new URL(seen.path, "http://localhost").pathname.split("/").at(-1) ?? "");

/** Puts the routes under `/api` too, and before each what ComfyUI asks of all: its own origin, and a body of a bearable size. */
export function comfyuiRoutes(routes: Routes, { isNewest, maxUploadBytes }: Limits): Routes {
  const guarded =
    (handle: Handler): Handler =>
    (exchange) => {
      const { body, headers } = exchange.seen;
      if (isForeign(headers) || (isNewest && headers["sec-fetch-site"] === "cross-site")) {
        answerText(exchange, 403);
      } else if (body.length > maxUploadBytes) {
        answerText(exchange, 413, "Maximum request body size exceeded");
      } else {
        return handle(exchange);
      }
    };
  return Object.fromEntries(
    Object.entries(routes).flatMap(([key, handle]) => [
      [key, guarded(handle)],
      [key.replace(" /", " /api/"), guarded(handle)],
    ]),
  );
}

type Limits = Pick<ComfyuiState, "isNewest" | "maxUploadBytes">;
