import { parseArgs } from "node:util";
import { startVllmServer } from "./vllm/vllm-server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "18000" },
    log: { type: "string" },
    pty: { type: "boolean", default: false },
    model: { type: "string", default: "stand-in" },
    "max-model-len": { type: "string", default: "8192" },
    "api-key": { type: "string" },
    "start-delay": { type: "string", default: "0" },
    "ms-per-token": { type: "string", default: "0" },
    "output-tokens": { type: "string" },
    "tokens-per-chunk": { type: "string", default: "1" },
  },
});
const server = await startVllmServer({
  port: Number(values.port),
  pty: values.pty,
  model: values.model,
  maxModelLen: Number(values["max-model-len"]),
  startDelayMs: Number(values["start-delay"]),
  msPerToken: Number(values["ms-per-token"]),
  tokensPerChunk: Number(values["tokens-per-chunk"]),
  ...(values["output-tokens"] === undefined ? {} : { outputTokens: Number(values["output-tokens"]) }),
  ...(values.log === undefined ? {} : { logFile: values.log }),
  ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
});
console.log(JSON.stringify({ url: server.url }));
