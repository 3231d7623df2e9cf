import { setTimeout as sleep } from "node:timers/promises";
import type { ClientResponse, ControlRoute } from "@pyworker/core";
import type { Job } from "../jobs/job.ts";
import type { ComfyuiServices } from "../services.ts";
import type { WrapperAnswer } from "../wrapper/wrapper-answer.ts";
import { answerAbout, failed } from "./task-of.ts";

/** How long an answer waits for ComfyUI to let go of a job. */
const patienceMilliseconds = 5000;
const idPattern = /^[\w.-]{1,128}$/;

/** `GET /result/{id}` and `POST /cancel/{id}`. What this worker knows nothing of, the API wrapper may. */
export function jobControls(services: ComfyuiServices): ControlRoute[] {
  const { jobs, servers } = services;
  const askWrapper = async (id: string, ask: () => Promise<WrapperAnswer>): Promise<ClientResponse | undefined> => {
    if (!idPattern.test(id) || (await servers.mode()) !== "wrapper") {
      return undefined;
    }
    const { body, contentType, status } = await ask();
    return { status, headers: { "content-type": contentType }, body };
  };
  return [
    {
      method: "GET",
      path: "/result/{id}",
      answer: async ({ id = "" }, signal) => {
        const job = jobs.find(id);
        if (job !== undefined) {
          return answerAbout(job);
        }
        const found = await askWrapper(id, () => servers.wrapper.result(id, signal));
        return found ?? { status: 404, body: failed(id, "Request ID not found") };
      },
    },
    {
      method: "POST",
      path: "/cancel/{id}",
      answer: async ({ id = "" }) => {
        const job = jobs.find(id);
        if (job === undefined) {
          const found = await askWrapper(id, () => servers.wrapper.cancel(id));
          return found ?? { status: 404, body: { error: "Request ID not found" } };
        }
        if (job.outcome === undefined) {
          job.cancel();
          await Promise.race([job.ended, sleep(patienceMilliseconds, undefined, { ref: false })]);
        }
        const { status } = job.result;
        const message = `Job ${id} ${whatBecameOf(job)}`;
        return { body: { message, status } };
      },
    },
  ];
}

/** Some nodes can't be interrupted: until they are done, nobody knows whether it is cancelled. */
function whatBecameOf({ outcome, result: { status } }: Job): string {
  if (outcome === undefined) {
    return "is being cancelled";
  }
  return status === "cancelled" ? "is cancelled" : `has ended: ${status}`;
}
