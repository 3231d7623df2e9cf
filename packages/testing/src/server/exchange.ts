import type { ServerResponse } from "node:http";
import type { Faults } from "./faults.ts";
import type { SeenRequest } from "./seen-request.ts";

/** How a stand-in answers, whatever it stands in for. */
export interface ModelSettings {
  model: string;
  maxModelLen: number;
  msPerToken: number;
  msPerPromptToken: number;
  /** Prompt tokens that usage says were cached; undefined: it says nothing of that. */
  cachedTokens: number | undefined;
  /** Where an answer ends that nothing else ends before; undefined: where the request says. */
  outputTokens: number | ((request: SeenRequest) => number) | undefined;
  tokensPerChunk: number;
  faults: Faults;
}

/** One request and its answer. */
export interface Exchange {
  seen: SeenRequest;
  response: ServerResponse;
  settings: ModelSettings;
  /** Answers with an error, in the shape of the server that is stood in for. */
  refuse(status: number, message: string): void;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/** Handlers by method and path: `POST /v1/completions`; a part in braces stands for anything. */
export type Routes = Readonly<Record<string, Handler>>;

export function findHandler(routes: Routes, { method, path }: SeenRequest): Handler | undefined {
  const wanted = `${method} ${pathOf(path)}`;
  const pattern = Object.keys(routes).find((key) => new RegExp(`^${key.replace(/\{\w+\}/g, "[^/]+")}$`).test(wanted));
  return pattern === undefined ? undefined : routes[pattern];
}

/** A path without its query. */
export const pathOf = (path: string): string => path.split("?")[0] ?? path;

/** The tokens after which an answer to this request ends by itself; undefined where nobody has said. */
export const ownEnd = ({ seen, settings: { outputTokens } }: Exchange): number | undefined =>
  typeof outputTokens === "function" ? outputTokens(seen) : outputTokens;
