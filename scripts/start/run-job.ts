import type { Client } from "./client.ts";
import type { ProgressView } from "./progress-view.ts";
import { readEvents } from "./read-events.ts";

/** What a worker tells of a job that has ended. */
export interface JobResult {
  status: string;
  message: string;
  output: OutputItem[];
  timings: { total_ms?: number };
}

export interface OutputItem {
  filename: string;
  subfolder: string;
  type: string;
  mimetype?: string;
}

interface JobEvent {
  status: string;
  queue_position?: { position: number };
  node?: { id: string; class_type: string };
  nodes_done?: number;
  nodes_total?: number;
  progress?: { percentage: number; remaining_seconds?: number };
  result?: JobResult;
}

/** Runs a job and shows how it goes. Undefined where it came to nothing; why, has been said. */
export async function runJob(
  client: Client,
  { input, view }: { input: object; view: ProgressView },
): Promise<JobResult | undefined> {
  const answer = await client.post("/generate/stream", { cost: 100, payload: { input } });
  if (!answer.ok || answer.body === null) {
    view.line(`refused with status ${answer.status}: ${await answer.text()}`);
    return undefined;
  }
  for await (const event of readEvents<JobEvent>(answer.body)) {
    const { result } = event;
    if (result !== undefined) {
      const isDone = result.status === "completed";
      const seconds = ((result.timings.total_ms ?? 0) / 1000).toFixed(1);
      view.line(isDone ? `completed in ${seconds} s` : `${result.status}: ${result.message}`);
      return isDone ? result : undefined;
    }
    show(event, view);
  }
  view.line("the stream ended without a result");
  return undefined;
}

function show({ node, nodes_done, nodes_total, progress, queue_position, status }: JobEvent, view: ProgressView): void {
  if (queue_position !== undefined) {
    const { position } = queue_position;
    view.line(position === 0 ? status : `${status}, ${position} ahead`);
  } else if (node !== undefined) {
    view.line(`node ${node.id} (${node.class_type}), ${nodes_done} of ${nodes_total} done`);
  } else if (progress !== undefined) {
    view.percentage(progress.percentage, progress.remaining_seconds);
  }
}
