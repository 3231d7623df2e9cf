// A worker with a fault in every part of its configuration: it must name all of them.
import { anyPayload, defineHandler, Worker } from "@pyworker/core";

await new Worker({
  modelServerUrl: "http://127.0.0.1",
  modelLogFile: "/var/log/model.log",
  maxSessions: -1,
  handlers: [
    defineHandler({ route: "/generate", payload: anyPayload, maxQueueTime: -1, benchmark: {} }),
    defineHandler({ route: "/generate", payload: anyPayload, allowParallelRequests: 0 }),
    defineHandler({ route: "/session/mine", payload: anyPayload, benchmark: { dataset: [], runs: 0 } }),
  ],
}).run();
