import type { Logger } from "pino";
import { fetch } from "undici";
import { stringifyJson } from "../json.ts";

const timeoutMilliseconds = 10_000;

/** Posts to a closed session's `on_close_route`: best effort, 10 s. */
export const callSessionClose =
  (log: Logger) =>
  async (url: string, body: Record<string, unknown>): Promise<void> => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: stringifyJson(body),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      await response.arrayBuffer();
      if (!response.ok) {
        log.warn({ status: response.status }, "on_close_route refused a closed session");
      }
    } catch (error) {
      log.warn({ reason: String(error) }, "on_close_route can't be reached");
    }
  };
