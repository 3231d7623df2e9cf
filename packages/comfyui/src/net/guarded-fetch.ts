import { Agent, type Dispatcher, request } from "undici";
import type { Guard } from "./create-guard.ts";
import { describeUrl } from "./describe-url.ts";
import { FetchError } from "./fetch-error.ts";
import { type BodyLimits, readBody } from "./read-body.ts";
import { readUrl } from "./read-url.ts";

export interface GuardedRequest extends BodyLimits {
  guard: Guard;
  /** Default GET. */
  method?: "GET" | "POST" | undefined;
  /** Sent to the first origin only. */
  headers?: Readonly<Record<string, string>> | undefined;
  body?: Buffer | undefined;
  /** For all of it: redirects, and the body to its end. */
  timeoutMilliseconds: number;
  /** How many redirects a GET follows. Default 3. */
  maxRedirects?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface GuardedResponse {
  /** Any status but a followed redirect. */
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  contentType: string | undefined;
  /** Where the redirects have led. */
  url: URL;
  /** Empty with `discardBody`. */
  body: Buffer;
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Sends one request to a host that a client has named. Throws FetchError that says which rule refused it, or what failed;
 * rejects with the signal's reason once that is aborted.
 */
export async function guardedFetch(url: string | URL, options: GuardedRequest): Promise<GuardedResponse> {
  const { guard, timeoutMilliseconds, signal } = options;
  const deadline = AbortSignal.timeout(Math.ceil(timeoutMilliseconds));
  const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  // Time is limited as a whole; an agent of its own leaves no connection behind.
  const agent = new Agent({ connect: guard.connect, headersTimeout: 0, bodyTimeout: 0 });
  try {
    // While it connects, undici hears of no abort.
    return await Promise.race([follow(readUrl(url), { ...options, agent, stop }), rejectOn(stop)]);
  } catch (error) {
    if (signal?.aborted) {
      throw signal.reason;
    }
    if (error instanceof FetchError) {
      throw error;
    }
    if (deadline.aborted) {
      throw new FetchError("timed_out", `took longer than ${timeoutMilliseconds / 1000} s`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new FetchError("unreachable", `the connection failed: ${reason}`, { cause: error });
  } finally {
    void agent.destroy();
  }
}

interface Journey extends GuardedRequest {
  agent: Agent;
  stop: AbortSignal;
}

async function follow(start: URL, options: Journey): Promise<GuardedResponse> {
  const { agent, body, headers, maxRedirects = 3, method = "GET", stop } = options;
  let url = start;
  for (let hops = 0; ; hops += 1) {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      // Bytes are counted as they come, so none may be packed.
      headers: { ...(url.origin === start.origin ? headers : {}), "accept-encoding": "identity" },
      body: body ?? null,
      signal: stop,
    });
    // To destroy a body before its end makes it emit an error, which would end the process if nobody listened.
    answer.body.on("error", () => {});
    const location = redirectOf(answer);
    if (location === undefined) {
      return { ...describe(answer), url, body: await readBody(answer, options) };
    }
    answer.body.destroy();
    const target = readUrl(location, url);
    if (method !== "GET" || hops >= maxRedirects) {
      throw new FetchError("redirected", `it redirects to ${describeUrl(target)}, which is not followed`);
    }
    url = target;
  }
}

const rejectOn = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const give = () => reject(signal.reason);
    if (signal.aborted) {
      give();
    }
    signal.addEventListener("abort", give, { once: true });
  });

function redirectOf({ headers, statusCode }: Dispatcher.ResponseData): string | undefined {
  const { location } = headers;
  return redirects.includes(statusCode) && typeof location === "string" ? location : undefined;
}

const describe = ({ headers, statusCode }: Dispatcher.ResponseData): Omit<GuardedResponse, "url" | "body"> => {
  const type = headers["content-type"];
  return { status: statusCode, headers, contentType: typeof type === "string" ? type : undefined };
};
