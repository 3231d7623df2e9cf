// The Python SDK's vllm_worker.py, line by line. docs/from-python.md has the table of names.
import { defineHandler, readVariables, Worker } from "@pyworker/core";
import { z } from "zod";

const { MODEL_NAME: model } = readVariables(["MODEL_NAME"]);
const words = "the quick brown fox jumps over a lazy dog while seven wizards box".split(" ");
const randomWord = () => words[Math.floor(Math.random() * words.length)];

const textRequest = z.looseObject({ max_tokens: z.int().nonnegative().nullish() });

await new Worker({
  ...(model && { model }),
  modelServerUrl: "http://127.0.0.1",
  modelServerPort: 18000,
  modelLogFile: "/var/log/portal/vllm.log",
  modelHealthcheckUrl: "/health",
  handlers: [
    defineHandler({
      route: "/v1/completions",
      payload: textRequest,
      workload: (payload) => payload.max_tokens ?? 0,
      allowParallelRequests: true,
      maxQueueTime: 60,
      benchmark: {
        generator: () => ({
          ...(model && { model }),
          prompt: Array.from({ length: 250 }, randomWord).join(" "),
          temperature: 0.7,
          max_tokens: 500,
        }),
        concurrency: 100,
        runs: 2,
      },
    }),
    defineHandler({
      route: "/v1/chat/completions",
      payload: textRequest,
      workload: (payload) => payload.max_tokens ?? 0,
      allowParallelRequests: true,
      maxQueueTime: 60,
    }),
  ],
  logActions: {
    onLoad: ["Application startup complete."],
    onError: ["INFO exited: vllm", "RuntimeError: Engine", "Traceback (most recent call last):"],
    onInfo: ['"message":"Download'],
  },
}).run();
