import type { EventSink, ServeContext } from "@pyworker/core";
import type { Job, JobListener } from "../jobs/job.ts";
import type { JobStore } from "../jobs/job-store.ts";
import type { JobProgress } from "../jobs/progress.ts";

/** A job's events on their way to its client. */
export interface JobEvents {
  listener: JobListener;
  begin(job: Job): void;
  end(job: Job): void;
}

interface EventsOptions {
  context: Pick<ServeContext, "events">;
  jobs: Pick<JobStore, "ahead" | "underWay">;
}

/**
 * The events of `/generate/stream`: those of ComfyUI's API wrapper (`queued`, one for each change of the job, then
 * `final_result`), with what is known beyond: node, step, percentage, remaining time, previews.
 */
export function createJobEvents({ context, jobs }: EventsOptions): JobEvents {
  let sink: EventSink | undefined;
  let job: Job | undefined;
  const send = (event: object): void => {
    if (job !== undefined) {
      const times = { timestamp: job.now() / 1000, elapsed_time: job.elapsed() / 1000 };
      sink?.send({ request_id: job.id, ...event, ...times });
    }
  };
  return {
    listener: ({ message, status }, progress) => {
      // Who can't keep up with the pictures sees fewer of them.
      if (progress?.kind !== "preview" || !sink?.isCongested) {
        send({ status, message, ...detailsOf(progress) });
      }
    },
    begin: (begun) => {
      job = begun;
      sink = context.events();
      const { message } = job.result;
      send({ status: "queued", message, queue_position: { position: jobs.ahead(job), queue_size: jobs.underWay } });
    },
    end: ({ outcome, result }) => send({ status: "final_result", http_status: outcome?.status, result }),
  };
}

function detailsOf(progress: JobProgress | undefined): object {
  switch (progress?.kind) {
    case "node": {
      const { classType, done, nodeId, title, total } = progress;
      return { node: { id: nodeId, class_type: classType, title }, nodes_done: done, nodes_total: total };
    }
    case "step": {
      const { max, nodeId, percentage, remainingSeconds, value } = progress;
      return { progress: { node_id: nodeId, value, max, percentage, remaining_seconds: remainingSeconds } };
    }
    case "preview": {
      const { data, mimetype, nodeId } = progress;
      return { preview: { node_id: nodeId, mimetype, data: data.toString("base64") } };
    }
    default:
      return {};
  }
}
