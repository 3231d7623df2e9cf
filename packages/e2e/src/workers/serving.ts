// A worker whose handler answers by itself: at once, later, or by events. What it waits for comes as a control request.
import { defineHandler, readVariables, Worker } from "@pyworker/core";
import { z } from "zod";

const { WATCH_SAYS: watchSays, SECOND_LOG: secondLog } = readVariables(["WATCH_SAYS", "SECOND_LOG"]);

const payload = z.object({
  id: z.string(),
  kind: z.enum(["whole", "early", "events", "throws"]).default("whole"),
  status: z.int().default(200),
  needsTurn: z.boolean().default(true),
  releasesEarly: z.boolean().default(false),
});
const waiting = new Map<string, () => void>();
const states = new Map<string, string>();

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  ...(secondLog === undefined ? {} : { modelLogFile: ["/does/not/exist.log", secondLog] }),
  handlers: [
    defineHandler({
      route: "/job",
      payload,
      workload: () => 10,
      maxQueueTime: 60,
      benchmark: { dataset: [{ id: "benchmark", needsTurn: false }], runs: 1 },
      serve: async ({ id, kind, needsTurn, releasesEarly, status }, { answer, events, release, signal, turn }) => {
        const stream = kind === "events" ? events() : undefined;
        if (kind === "early") {
          answer({ status: 202, body: { id } });
        }
        states.set(id, "queued");
        stream?.send({ state: "queued" });
        if (needsTurn) {
          await turn();
          states.set(id, "running");
          stream?.send({ state: "running" });
          if (releasesEarly) {
            release();
          }
          await new Promise<void>((resolve, reject) => {
            waiting.set(id, resolve);
            signal.addEventListener("abort", () => reject(signal.reason));
          }).finally(() => states.set(id, signal.aborted ? "aborted" : "done"));
        }
        if (kind === "throws") {
          throw new Error("told to fail");
        }
        stream?.send({ state: "done" });
        return { status, body: { id } };
      },
      controls: [
        { method: "GET", path: "/job/{id}", answer: ({ id = "" }) => ({ body: { state: states.get(id) ?? null } }) },
        {
          method: "POST",
          path: "/job/{id}/finish",
          answer: ({ id = "" }) => {
            waiting.get(id)?.();
            return { status: waiting.has(id) ? 200 : 404, body: { id } };
          },
        },
      ],
    }),
  ],
  logActions: { onLoad: ["LOADED"], onError: ["FATAL"] },
  ...(watchSays === undefined
    ? {}
    : {
        watchModel: async ({ failed, loaded }) => {
          if (watchSays === "loaded") {
            loaded();
          } else {
            failed(watchSays);
          }
        },
      }),
}).run();
