// A worker with one handler for everything that a handler can do; what the ready-made ones don't use is tested here.
import {
  anyPayload,
  defineHandler,
  FilePart,
  multipart,
  type ResponseWatcher,
  readVariables,
  type WatchContext,
  Worker,
} from "@pyworker/core";
import { z } from "zod";

const { BENCHMARK_MAX_SECONDS: maxSeconds = "60", BENCHMARK_WARMUP: warmup = "true" } = readVariables([
  "BENCHMARK_MAX_SECONDS",
  "BENCHMARK_WARMUP",
]);
const priced = z.looseObject({ cost: z.number().optional() });
const cost = (payload: z.infer<typeof priced>): number => payload.cost ?? 10;
const serial = { payload: priced, workload: cost, maxQueueTime: 60 } as const;
const parallel = { payload: priced, workload: cost, allowParallelRequests: true, maxQueueTime: null } as const;
/** Takes an answer that speaks of an error for one. */
const failOnError = ({ fail }: WatchContext<unknown>): ResponseWatcher => ({
  rewrites: false,
  chunk: (chunk) => {
    if (chunk.includes("error")) {
      fail("the answer speaks of an error");
    }
    return chunk;
  },
});

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  modelServerPort: 18000,
  modelLogFile: "/var/log/model.log",
  maxSessions: 3,
  handlers: [
    defineHandler({
      ...parallel,
      route: "/parallel",
      benchmark: {
        generator: () => ({ cost: 50, prompt: `benchmark ${Math.random()}` }),
        runs: 2,
        concurrency: 4,
        maxSeconds: Number(maxSeconds),
        warmup: warmup === "true",
      },
      watch: ({ settle, fail }) => ({
        rewrites: false,
        head: (_status, { "x-true-cost": trueCost, "x-failed": failed }) => {
          if (trueCost !== undefined) {
            settle(Number(trueCost));
          }
          if (failed !== undefined) {
            fail(String(failed));
          }
        },
        chunk: (chunk) => chunk,
      }),
      passthrough: [
        { method: "GET", path: "/view", workload: 7 },
        { method: "GET", path: "/files/*" },
        { method: "POST", path: "/upload" },
        { method: "WEBSOCKET", path: "/ws" },
      ],
    }),
    defineHandler({ ...serial, route: "/serial-a" }),
    defineHandler({ ...serial, route: "/serial-b" }),
    defineHandler({ ...serial, route: "/impatient", maxQueueTime: 0.3 }),
    defineHandler({ ...serial, route: "/two-at-a-time", allowParallelRequests: 2 }),
    defineHandler({
      ...parallel,
      route: "/strict",
      payload: z.strictObject({ prompt: z.string(), size: z.object({ width: z.int().positive() }).optional() }),
      workload: () => 1,
      maxBodyBytes: 2000,
    }),
    defineHandler({
      ...parallel,
      route: "/bad-workload",
      workload: ({ cost: given }) => {
        if (given === undefined) {
          throw new Error("no cost");
        }
        return given - 1000;
      },
    }),
    defineHandler({ ...parallel, route: "/transform", transform: (payload) => ({ ...payload, added: true }) }),
    defineHandler({
      ...parallel,
      route: "/multipart",
      transform: () =>
        multipart({ model: "m", options: { a: 1 }, file: new FilePart("a.txt", Buffer.from("hello"), "text/plain") }),
    }),
    defineHandler({
      ...parallel,
      route: "/respond",
      respond: ({ status, body }) => ({ status: status === 200 ? 201 : status, body: { shaped: body.toString() } }),
    }),
    defineHandler({
      ...parallel,
      route: "/settle",
      watch: ({ settle }) => ({
        rewrites: false,
        head: (_status, headers) => settle(Number(headers["x-true-cost"])),
        chunk: (chunk) => chunk,
      }),
    }),
    defineHandler({
      ...parallel,
      route: "/remaining",
      watch: ({ remaining }) => ({
        rewrites: false,
        chunk: (chunk) => {
          remaining(Number(chunk.toString()));
          return chunk;
        },
      }),
    }),
    defineHandler({ ...parallel, route: "/fail", watch: failOnError }),
    defineHandler({
      ...parallel,
      route: "/fail-shaped",
      watch: failOnError,
      respond: ({ body }) => ({ body: { shaped: body.toString() } }),
    }),
    defineHandler({
      route: "/execute",
      payload: anyPayload,
      allowParallelRequests: true,
      workload: () => 5,
      execute: async ({ fail, wait }, { progress, signal }) => {
        progress({ step: 1 });
        progress({ step: 2 });
        if (wait) {
          await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        }
        if (fail) {
          throw new Error("told to fail");
        }
        return { done: true };
      },
    }),
  ],
  logActions: { onLoad: ["LOADED"], onError: ["LOADED_BUT_BROKEN", "FATAL"], onInfo: ["Downloading"] },
}).run();
