import { until } from "@pyworker/testing";
import { type ModelRequest, startModel } from "../start-model.ts";
import type { JobResult } from "./job-client.ts";

/** What a receiver was told. */
export interface Call {
  /** The body as JSON, with whatever extra parameters. */
  body: Omit<JobResult, "comfyui_response"> & { [name: string]: unknown };
  raw: Buffer;
  headers: ModelRequest["headers"];
}

/**
 * A server that webhooks call. What it answers, a path begins with: `/taken`, `/busy-once` (503, then 200), `/wrong` (400),
 * `/elsewhere` (a redirect to `/taken`), `/held` (nothing, until `letGo`).
 */
export interface WebhookReceiver {
  readonly url: string;
  /** `host:port`, for the list of those that are allowed. */
  readonly host: string;
  /** All calls of a path, oldest first. */
  calls(path: string): Call[];
  /** Waits for one that a path's calls have. */
  called(path: string, count?: number): Promise<Call>;
  /** Answers what is held. */
  letGo(): void;
  stop(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const held: (() => void)[] = [];
  const server = await startModel(({ url }, response) => {
    const isFirst = server.requests.filter((request) => request.url === url).length === 1;
    if (url.startsWith("/held")) {
      held.push(() => response.end());
    } else if (url.startsWith("/elsewhere")) {
      response.writeHead(307, { location: "/taken/elsewhere" }).end();
    } else {
      const isBusy = url.startsWith("/busy-once") && isFirst;
      response.writeHead(url.startsWith("/wrong") ? 400 : isBusy ? 503 : 200).end();
    }
  });
  const calls: WebhookReceiver["calls"] = (path) =>
    server.requests
      .filter(({ url }) => url === path)
      .map(({ body, headers }) => ({ body: JSON.parse(String(body)), raw: body, headers }));
  return {
    url: server.url,
    host: new URL(server.url).host,
    calls,
    called: (path, count = 1) =>
      until(() => calls(path)[count - 1], { timeoutMs: 30_000, what: () => `${count} calls of ${path}` }),
    letGo: () => {
      for (const answer of held.splice(0)) {
        answer();
      }
    },
    stop: server.stop,
  };
}
