import { z } from "zod";
import type { EngineKeys } from "./keys.ts";
import type { Registry } from "./registry.ts";

export const routeRequestSchema = z.looseObject({
  endpoint: z.string(),
  api_key: z.string(),
  cost: z.coerce.number().nonnegative().default(100),
  request_idx: z.int().nonnegative().nullish(),
});

/** What `/route/` answers once a worker is ready; clients copy all of it into `auth_data`. */
export interface RouteAnswer {
  url: string;
  request_idx: number;
  reqnum: number;
  cost: string;
  endpoint: string;
  signature: string;
  __request_id: string;
}

interface RouterOptions {
  registry: Registry;
  keys: EngineKeys;
}

const rememberedIndexes = 100_000;

/** Hands requests to workers, and numbers them. */
export class Router {
  readonly #options: RouterOptions;
  readonly #routed = new Set<number>();
  #lastRequestIdx = 0;
  #lastReqnum = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The number of a request: its own, where it comes again, else the next. */
  requestIdx(given: number | null | undefined): number {
    if (given) {
      return given;
    }
    this.#lastRequestIdx += 1;
    return this.#lastRequestIdx;
  }

  /** Undefined while no worker is ready. */
  route({
    cost,
    endpoint,
    requestIdx,
  }: {
    cost: number;
    endpoint: string;
    requestIdx: number;
  }): RouteAnswer | undefined {
    const worker = this.#options.registry.route(cost);
    if (worker === undefined) {
      return undefined;
    }
    this.#lastReqnum += 1;
    this.#remember(requestIdx);
    return {
      url: worker.url,
      request_idx: requestIdx,
      reqnum: this.#lastReqnum,
      cost: String(cost),
      endpoint,
      signature: this.#options.keys.signUrl(worker.url),
      __request_id: `${requestIdx}-${this.#lastReqnum}`,
    };
  }

  /** Whether a request was routed here; true for one so old that it is forgotten. */
  isRouted(requestIdx: number): boolean {
    return this.#routed.has(requestIdx) || this.#routed.size >= rememberedIndexes;
  }

  #remember(requestIdx: number): void {
    if (this.#routed.size < rememberedIndexes) {
      this.#routed.add(requestIdx);
    }
  }
}
