import { BoundedMap } from "./bounded-map.ts";
import type { EngineKeys, SignatureForm } from "./keys.ts";
import type { Registry } from "./registry.ts";

/** What a client wants routed. */
export interface RouteRequest {
  endpoint: string;
  /** Workload. */
  cost: number;
  /** Given where the request comes again; else it gets the next number. */
  requestIdx?: number;
}

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
  form: SignatureForm;
}

const rememberedRequests = 100_000;
/** No engine routed these: a worker that checks no signatures fills in 0, the Python client's debug mode says 1. */
const localRequests: readonly number[] = [0, 1];
const firstRequestIdx = 1000;

/** Hands requests to workers, numbers them, and knows which have ended. */
export class Router {
  readonly #options: RouterOptions;
  /** How many ends are still to be heard of: one for each time the request was routed. */
  readonly #open = new BoundedMap<number, number>(rememberedRequests);
  #lastRequestIdx = firstRequestIdx;
  #lastReqnum = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  nextRequestIdx(): number {
    this.#lastRequestIdx += 1;
    return this.#lastRequestIdx;
  }

  /** Undefined while no worker is ready. */
  route({ cost, endpoint, requestIdx = this.nextRequestIdx() }: RouteRequest): RouteAnswer | undefined {
    const { form, keys, registry } = this.#options;
    const worker = registry.route(cost);
    if (worker === undefined) {
      return undefined;
    }
    this.#lastReqnum += 1;
    this.#open.set(requestIdx, (this.#open.get(requestIdx) ?? 0) + 1);
    const told = {
      url: worker.url,
      request_idx: requestIdx,
      reqnum: this.#lastReqnum,
      cost: String(cost),
      endpoint,
      __request_id: `${requestIdx}-${this.#lastReqnum}`,
    };
    return { ...told, signature: keys.sign(told, form) };
  }

  /** Takes note that a request has ended. Says so where it was never routed, or has ended as often as it was routed. */
  end(requestIdx: number): "known" | "unknown" | "again" {
    const open = this.#open.get(requestIdx);
    if (localRequests.includes(requestIdx) || (open === undefined && this.#open.isFull)) {
      return "known";
    }
    if (open === undefined) {
      return "unknown";
    }
    this.#open.set(requestIdx, Math.max(open - 1, 0));
    return open === 0 ? "again" : "known";
  }
}
