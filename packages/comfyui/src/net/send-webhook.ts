import { createHmac } from "node:crypto";
import { type Clock, stringifyJson, systemClock } from "@pyworker/core";
import type { Guard } from "./create-guard.ts";
import { describeUrl } from "./describe-url.ts";
import { FetchError } from "./fetch-error.ts";
import { type GuardedResponse, guardedFetch } from "./guarded-fetch.ts";
import { retryAfter } from "./retry-after.ts";

export interface Webhook {
  url: string;
  /** Signs the body; without it nothing is signed. */
  secret?: string | undefined;
  /** What `webhookBody` makes. */
  body: object;
  /** The job's id; the same for each try, so that a receiver knows a repeat. */
  id: string;
  guard: Guard;
  /** For one try. */
  timeoutMilliseconds: number;
  /** The pause before each further try. Default 1, 2, 4 and 8 s. */
  pausesMilliseconds?: readonly number[] | undefined;
  signal?: AbortSignal | undefined;
  log: WebhookLog;
  clock?: Clock | undefined;
}

interface WebhookLog {
  warn(details: object, message: string): void;
}

const defaultPauses = [1000, 2000, 4000, 8000];
const longestPauseMilliseconds = 60_000;

/**
 * Posts a job's outcome to a webhook; tries again where the receiver can't be reached or is overloaded. Answers whether it
 * was taken, and logs why where it was not. Never rejects.
 */
export async function sendWebhook(webhook: Webhook): Promise<boolean> {
  const { clock = systemClock, log, pausesMilliseconds = defaultPauses, signal, url } = webhook;
  const bytes = Buffer.from(stringifyJson(webhook.body));
  for (let tries = 1; ; tries += 1) {
    const outcome = await post(webhook, { bytes, clock });
    const pause = pausesMilliseconds[tries - 1];
    if (outcome.kind === "taken") {
      return true;
    }
    if (outcome.kind === "refused" || pause === undefined || signal?.aborted) {
      log.warn({ url: describeUrl(url), tries, reason: outcome.reason }, "a webhook was not delivered");
      return false;
    }
    await wait(clock, Math.min(outcome.retryAfterMilliseconds ?? pause, longestPauseMilliseconds), signal);
  }
}

type Outcome =
  | { kind: "taken" }
  /** Another try would change nothing. */
  | { kind: "refused"; reason: string }
  | { kind: "failed"; reason: string; retryAfterMilliseconds?: number | undefined };

interface Delivery {
  bytes: Buffer;
  clock: Clock;
}

async function post(
  { guard, id, secret, signal, timeoutMilliseconds, url }: Webhook,
  { bytes, clock }: Delivery,
): Promise<Outcome> {
  const headers = {
    "content-type": "application/json",
    "x-webhook-id": id,
    "x-webhook-timestamp": String(Math.floor(clock.now())),
    ...(secret === undefined || secret === "" ? {} : { "x-webhook-signature": `sha256=${sign(bytes, secret)}` }),
  };
  try {
    const answer = await guardedFetch(url, {
      ...{ guard, headers, signal, timeoutMilliseconds },
      ...{ method: "POST", body: bytes, maxBytes: 0, discardBody: true },
    });
    return judge(answer, clock);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isFinal = error instanceof FetchError && (error.fault === "refused" || error.fault === "redirected");
    return { kind: isFinal ? "refused" : "failed", reason };
  }
}

function judge({ headers, status }: GuardedResponse, clock: Clock): Outcome {
  if (status >= 200 && status < 300) {
    return { kind: "taken" };
  }
  const reason = `answered ${status}`;
  const isPassing = status === 408 || status === 429 || status >= 500;
  return isPassing
    ? { kind: "failed", reason, retryAfterMilliseconds: retryAfter(headers["retry-after"], clock.now()) }
    : { kind: "refused", reason };
}

const sign = (bytes: Buffer, secret: string): string => createHmac("sha256", secret).update(bytes).digest("hex");

/** Ends early when the signal is aborted. */
const wait = (clock: Clock, milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    signal?.addEventListener("abort", done, { once: true });
  });
