import { sendWebhook } from "../net/send-webhook.ts";
import { webhookBody } from "../net/webhook-body.ts";
import type { ComfyuiServices } from "../services.ts";
import type { Task } from "./task.ts";

const longestTimeoutSeconds = 30;

/** Tells whoever is to be told how a job has ended. Never rejects. */
export async function callWebhook(services: ComfyuiServices, { job, request }: Task): Promise<void> {
  const { log, settings, webhookGuard } = services;
  const asked = request.webhook;
  const url = asked === false ? undefined : (asked?.url ?? (await usualUrl(services)));
  if (asked === false || url === undefined) {
    return;
  }
  const seconds = Math.min(asked?.timeout ?? longestTimeoutSeconds, longestTimeoutSeconds);
  await sendWebhook({
    url,
    secret: asked?.secret ?? settings.webhookSecret,
    body: webhookBody(job.result, asked?.extra_params),
    id: job.id,
    guard: webhookGuard,
    timeoutMilliseconds: seconds * 1000,
    log,
  });
}

/** The environment's. The API wrapper, which has the same environment, calls that one itself. */
async function usualUrl({ servers, settings }: ComfyuiServices): Promise<string | undefined> {
  return settings.webhookUrl === undefined || (await servers.mode()) === "wrapper" ? undefined : settings.webhookUrl;
}
