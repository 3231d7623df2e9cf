import { anyPayload, defineHandler, Worker } from "@pyworker/core";

/** The handler of docs/wire-protocol.md on passthrough requests, as a worker. */
const handler = defineHandler({
  route: "/generate",
  payload: anyPayload,
  passthrough: [
    { method: "GET", path: "/v1/models" },
    { method: "GET", path: "/view/*" },
  ],
  benchmark: { generator: () => ({ prompt: "hello" }) },
});

await new Worker({
  modelServerUrl: "http://127.0.0.1:18000",
  handlers: [handler],
  logActions: { onLoad: ["Application startup complete."] },
}).run();
