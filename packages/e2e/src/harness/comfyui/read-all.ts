import type { OutputItem } from "@pyworker/comfyui";
import type { WorkerUnderTest } from "../start-worker.ts";
import { get, type JobEvent, stream, view } from "./job-client.ts";

/** All events of `/generate/stream`. */
export async function readEvents(...request: Parameters<typeof stream>): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of stream(...request)) {
    events.push(event);
  }
  return events;
}

/** A file that a job has made, fetched through the worker, and what it is served as. */
export async function readFile(
  worker: WorkerUnderTest,
  file: OutputItem | undefined,
): Promise<{ type: string | null; bytes: Buffer }> {
  if (file === undefined) {
    throw new Error("there is no such file");
  }
  const response = await get(worker, view(file));
  if (!response.ok) {
    throw new Error(`${view(file)} answered ${response.status}`);
  }
  return { type: response.headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) };
}

/** What begins with this is an MP4. */
export const isMp4 = (bytes: Buffer): boolean => bytes.subarray(4, 8).toString("latin1") === "ftyp";

/** An MP3 begins with a tag, or with a frame. */
export const isMp3 = (bytes: Buffer): boolean =>
  bytes.subarray(0, 3).toString("latin1") === "ID3" || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2);
