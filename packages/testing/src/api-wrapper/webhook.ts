import { createHmac } from "node:crypto";
import { isObject } from "../server/read-body.ts";
import { writeExact } from "./exact-json.ts";
import { isSet } from "./read-payload.ts";
import type { WrapperJob } from "./wrapper-job.ts";

const timeoutMs = 30_000;

/** Tells a job's end to the address that it names. One attempt; nobody hears of a failure. */
export async function callWebhook({ payload, result }: WrapperJob): Promise<void> {
  const { webhook } = payload;
  if (!isObject(webhook) || typeof webhook.url !== "string" || webhook.url === "") {
    return;
  }
  const { id, message, output, status, timings } = result;
  const extra = isSet(webhook.extra_params) ? { extra: webhook.extra_params } : {};
  const body = writeExact({ id, status, message, output, timings, ...extra });
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (typeof webhook.secret === "string" && webhook.secret !== "") {
    headers["x-webhook-signature"] = `sha256=${createHmac("sha256", webhook.secret).update(body).digest("hex")}`;
  }
  await fetch(webhook.url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) }).then(
    (answer) => answer.text(),
    () => undefined,
  );
}
