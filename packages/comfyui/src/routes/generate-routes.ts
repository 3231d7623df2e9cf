import { type ClientResponse, type ServeContext, WorkerError } from "@pyworker/core";
import type { JobRequest } from "../inputs/job-request.ts";
import type { JobListener } from "../jobs/job.ts";
import { callWebhook } from "../run/call-webhook.ts";
import { runJob } from "../run/run-job.ts";
import type { Task } from "../run/task.ts";
import type { ComfyuiServices } from "../services.ts";
import { followLoad } from "./follow-load.ts";
import { createJobEvents } from "./job-events.ts";
import { answerAbout, taskOf } from "./task-of.ts";

type Serve = (request: JobRequest, context: ServeContext) => Promise<ClientResponse>;

/** `/generate/sync`: the client waits for the outcome, and its leaving cancels the job. */
export const serveSync =
  (services: ComfyuiServices): Serve =>
  (request, context) =>
    withTask(services, { request, context }, async (task) => {
      await runJob(services, task, context);
      const response = answerAbout(task.job);
      context.answer(response);
      return response;
    });

/** `/generate`: the client gets an id to ask about. Nothing but a request to do so cancels its job. */
export const serveLater =
  (services: ComfyuiServices): Serve =>
  (request, context) =>
    withTask(services, { request, context }, async (task) => {
      context.answer({ status: 202, body: task.job.result });
      await runToEnd(services, task, context);
      return answerAbout(task.job);
    });

/** `/generate/stream`: the client is told how the job goes, and then its outcome. Its leaving cancels the job. */
export const serveStream =
  (services: ComfyuiServices): Serve =>
  (request, context) => {
    const events = createJobEvents({ context, jobs: services.jobs });
    return withTask(services, { request, context, listener: events.listener }, async (task) => {
      events.begin(task.job);
      await runToEnd(services, task, context);
      events.end(task.job);
      return answerAbout(task.job);
    });
  };

interface Asked {
  request: JobRequest;
  context: ServeContext;
  /** What tells the client how the job goes. */
  listener?: JobListener;
}

async function withTask(
  services: ComfyuiServices,
  { context, listener, request }: Asked,
  serve: (task: Task) => Promise<ClientResponse>,
): Promise<ClientResponse> {
  const load = followLoad(request.workload, context);
  const made = taskOf(services, {
    request,
    headers: context.headers,
    listener: (result, progress) => {
      load(result, progress);
      listener?.(result, progress);
    },
    isWatched: listener !== undefined,
  });
  if ("refusal" in made) {
    return made.refusal;
  }
  try {
    return await serve(made.task);
  } finally {
    // What is left keeps nobody waiting, and is no load.
    context.remaining(0);
    await callWebhook(services, made.task);
  }
}

/** Where the answer has begun, a turn that never came is an outcome like any other. */
async function runToEnd(services: ComfyuiServices, task: Task, context: ServeContext): Promise<void> {
  try {
    await runJob(services, task, context);
  } catch (error) {
    if (context.signal.aborted || !WorkerError.is(error)) {
      throw error;
    }
  }
}
