// A worker without a log: hooks start and stop its model. Here, files stand for the model's coming and going.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { anyPayload, defineHandler, readVariables, Worker } from "@pyworker/core";

const { HOOKS_FOLDER: folder = "." } = readVariables(["HOOKS_FOLDER"]);

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  handlers: [
    defineHandler({
      route: "/add",
      payload: anyPayload,
      execute: ({ a, b }) => Number(a) + Number(b),
      benchmark: { generator: () => ({ a: 1, b: 2 }), runs: 1 },
    }),
  ],
  lifecycle: {
    start: async (signal) => {
      writeFileSync(`${folder}/starting`, "");
      while (!existsSync(`${folder}/loaded`)) {
        await sleep(10, undefined, { signal });
      }
      if (existsSync(`${folder}/broken`)) {
        throw new Error("the model is broken");
      }
    },
    stop: async () => writeFileSync(`${folder}/stopped`, ""),
  },
}).run();
