import type { Exchange, Handler, Routes } from "../server/exchange.ts";
import { pathOf } from "../server/exchange.ts";
import type { ComfyuiClient } from "./comfyui-client.ts";
import { sendExact } from "./exact-json.ts";
import type { GpuWatch } from "./gpu-watch.ts";
import type { JobBoard } from "./job-board.ts";
import { readPayload } from "./read-payload.ts";
import { streamJob } from "./stream-job.ts";
import { waitForEnd } from "./wait-for-end.ts";
import { createWrapperJob, hasEnded, statusOfWrapperResult, type Wants, type WrapperJob } from "./wrapper-job.ts";

export interface WrapperState {
  board: JobBoard;
  comfyui: ComfyuiClient;
  gpu: GpuWatch;
  pollMs: number;
  isOld: boolean;
}

export function wrapperRoutes({ board, comfyui, gpu, isOld, pollMs }: WrapperState): Routes {
  /** Reads and takes a job; undefined where that was answered otherwise. */
  const take = (exchange: Exchange, isStream: boolean): WrapperJob | undefined => {
    const payload = readPayload(exchange.seen.body);
    if ("violations" in payload) {
      sendExact(exchange.response, 422, { value: { detail: payload.violations } });
      return undefined;
    }
    const wants = readWants(exchange, payload.input.return_outputs_as_base64 === true);
    const job = board.submit(payload.input, wants);
    if (job === undefined) {
      const inFlight = board.jobs.filter((other) => !hasEnded(other)).length;
      const message = `Worker at capacity (${inFlight} in flight); retry shortly`;
      const refused = { ...createWrapperJob(payload.input, wants).result, status: "failed", message };
      sendExact(exchange.response, 503, {
        value: isStream ? { detail: message } : refused,
        headers: { "retry-after": "5" },
      });
    }
    return job;
  };
  const sync: Handler = async (exchange) => {
    const job = take(exchange, false);
    if (job === undefined) {
      return;
    }
    const { response } = exchange;
    response.once("close", () => {
      if (!response.writableFinished && !hasEnded(job)) {
        board.cancel(job, "Request cancelled due to client disconnection");
      }
    });
    await waitForEnd(job, { pollMs, response });
    if (exchange.settings.faults.current.dieAfterChunks === undefined) {
      sendExact(response, statusOfWrapperResult(job.result), { value: job.result });
    } else {
      response.destroy();
    }
  };
  const findNamed = ({ seen }: Exchange): { id: string; job: WrapperJob | undefined } => {
    const id = decodeURIComponent(pathOf(seen.path).split("/").at(-1) ?? "");
    return { id, job: board.find(id) };
  };
  const sizes = () =>
    [board.waiting("preprocess"), board.waiting("generation"), board.waiting("postprocess")].map(
      ({ length }) => length,
    );
  const health: Handler = async ({ response }) => {
    const isUp = await comfyui.isUp();
    const isHealthy = isUp && !gpu.state.unrecoverable;
    const [preprocess, generation, postprocess] = sizes();
    const backend = {
      base: comfyui.url,
      http_ok: isUp,
      websocket_ok: isUp,
      ...(isUp ? {} : { http_error: `Cannot connect to host ${new URL(comfyui.url).host}` }),
      gpu: gpu.state,
      healthy: isHealthy,
    };
    const value = {
      status: isHealthy ? "healthy" : "unhealthy",
      cache_type: "memory",
      queues: { preprocess, generation, postprocess },
      backends_healthy: `${isHealthy ? 1 : 0}/1`,
      gpu: gpu.state,
      backends: [backend],
    };
    sendExact(response, isHealthy ? 200 : 503, { value });
  };
  return {
    "GET /": sendPage("<h1>ComfyUI API wrapper (stand-in)</h1>"),
    "GET /docs": sendPage("<title>Swagger UI (stand-in)</title>"),
    "GET /health": health,
    "GET /queue-info": ({ response }) => {
      const [preprocess, generation, postprocess] = sizes();
      const value = {
        preprocess_queue_size: preprocess,
        generation_queue_size: generation,
        postprocess_queue_size: postprocess,
      };
      sendExact(response, 200, { value });
    },
    "POST /generate": (exchange) => {
      const job = take(exchange, false);
      if (job !== undefined) {
        sendExact(exchange.response, 202, { value: job.result });
      }
    },
    "POST /generate/sync": sync,
    "POST /generate/stream": async (exchange) => {
      const job = take(exchange, true);
      if (job !== undefined) {
        await streamJob(exchange, job, { board, isOld, pollMs });
      }
    },
    "GET /result/{id}": (exchange) => {
      const { id, job } = findNamed(exchange);
      const unknown = {
        id,
        message: "Request ID not found",
        status: "failed",
        comfyui_response: {},
        output: [],
        timings: {},
      };
      sendExact(exchange.response, job === undefined ? 404 : statusOfWrapperResult(job.result), {
        value: job?.result ?? unknown,
      });
    },
    "POST /cancel/{id}": (exchange) => {
      const { id, job } = findNamed(exchange);
      if (job === undefined) {
        sendExact(exchange.response, 404, { value: { error: `Request ${id} not found` } });
      } else if (hasEnded(job)) {
        const value = { message: `Request ${id} is already ${job.state}`, status: job.state };
        sendExact(exchange.response, 200, { value });
      } else {
        board.cancel(job, "Request cancelled by client");
        const value = { message: `Successfully cancelled request ${id}`, status: "cancelled" };
        sendExact(exchange.response, 200, { value });
      }
    },
  };
}

const sendPage =
  (html: string): Handler =>
  ({ response }) =>
    void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);

const readWants = ({ seen: { headers } }: Exchange, base64: boolean): Wants => ({
  base64: base64 || isOn(headers["x-return-outputs-as-base64"]),
  comfyuiResponse: isOn(headers["x-include-comfyui-response"]),
});

const isOn = (header: string | string[] | undefined): boolean =>
  ["1", "true", "yes", "on"].includes(String(header).toLowerCase());
