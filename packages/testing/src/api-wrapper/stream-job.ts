import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "../server/exchange.ts";
import type { ChunkFate } from "../server/faults.ts";
import { writeExact } from "./exact-json.ts";
import type { JobBoard, Stage } from "./job-board.ts";
import { hasEnded, type WrapperJob } from "./wrapper-job.ts";

interface StreamOptions {
  board: JobBoard;
  pollMs: number;
  /** An old wrapper's stream goes on for ever when its job is cancelled. */
  isOld: boolean;
}

/** Sends what changes about a job as server-sent events, its result last. A client that leaves changes nothing for the job. */
export async function streamJob(
  { response, settings: { faults } }: Exchange,
  job: WrapperJob,
  { board, isOld, pollMs }: StreamOptions,
): Promise<void> {
  const { id, result } = job;
  const start = performance.now();
  const elapsed = () => Math.round((performance.now() - start) / 100) / 10;
  let sent = 0;
  const send = async (event: object): Promise<ChunkFate> => {
    const fate = await faults.applyToChunk(sent, response);
    sent += 1;
    if (fate === "send") {
      response.write(eventOf({ request_id: id, ...event }));
    } else if (fate === "error") {
      response.end(eventOf({ request_id: id, status: "error", message: "Stream error: fault on demand" }));
    }
    return fate;
  };
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  });
  let fate = await send({ status: "queued", message: "Request queued", timestamp: timestamp() });
  let last = "";
  while (fate === "send" && !response.destroyed) {
    const { message, output, status } = result;
    const position = positionOf(job, board);
    const seen = writeExact([status, message, position]);
    if (seen !== last) {
      last = seen;
      fate = await send({
        status,
        message,
        timestamp: timestamp(),
        elapsed_time: elapsed(),
        queue_info: {
          preprocess_queue_size: board.waiting("preprocess").length,
          generation_queue_size: board.waiting("generation").length,
          postprocess_queue_size: board.waiting("postprocess").length,
        },
        queue_position: position,
        ...(output.length > 0 ? { output_count: output.length } : {}),
      });
    } else if (hasEnded(job) && !(isOld && status === "cancelled")) {
      await send({ status: "final_result", result, elapsed_time: elapsed() });
      response.end();
      return;
    } else {
      await sleep(pollMs);
    }
  }
}

const eventOf = (event: object): string => `data: ${writeExact(event)}\n\n`;

/** Python's, without a zone. */
const timestamp = (): string => new Date().toISOString().replace("Z", "000");

/** What the wrapper reckons a job of a stage to take. */
const stages: Readonly<Record<Stage, { name: string; seconds: number }>> = {
  preprocess: { name: "preprocessing", seconds: 30 },
  generation: { name: "generation", seconds: 120 },
  postprocess: { name: "postprocessing", seconds: 20 },
};

function positionOf(job: WrapperJob, board: JobBoard): object {
  for (const stage of ["preprocess", "generation", "postprocess"] as const) {
    const queue = board.waiting(stage);
    const position = queue.indexOf(job) + 1;
    if (position > 0) {
      const { name, seconds } = stages[stage];
      return { current_queue: name, position, queue_size: queue.length, estimated_wait_time: position * seconds };
    }
  }
  return { current_queue: "processing", position: 0, queue_size: 0, estimated_wait_time: 0 };
}
