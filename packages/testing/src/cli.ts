import { parseArgs } from "node:util";
import { startVllmServer } from "./vllm-server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "18000" },
    log: { type: "string" },
    model: { type: "string", default: "stand-in" },
    "start-delay": { type: "string", default: "0" },
    "ms-per-token": { type: "string", default: "0" },
  },
});
const server = await startVllmServer({
  port: Number(values.port),
  model: values.model,
  startDelayMs: Number(values["start-delay"]),
  msPerToken: Number(values["ms-per-token"]),
  ...(values.log === undefined ? {} : { logFile: values.log }),
});
console.log(JSON.stringify({ url: server.url }));
