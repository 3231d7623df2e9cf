import { parseArgs } from "node:util";
import { startLlamaServer } from "./llama/llama-server.ts";
import type { ModelServerOptions } from "./server/model-server.ts";
import { startSglangServer } from "./sglang/sglang-server.ts";
import { startTgiServer } from "./tgi/tgi-server.ts";
import { startVllmServer } from "./vllm/vllm-server.ts";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "vllm" },
    port: { type: "string", default: "18000" },
    log: { type: "string" },
    pty: { type: "boolean", default: false },
    /** TGI alone: a log of objects. */
    "json-output": { type: "boolean", default: false },
    model: { type: "string", default: "stand-in" },
    "max-model-len": { type: "string", default: "8192" },
    "api-key": { type: "string" },
    "start-delay": { type: "string", default: "0" },
    "ms-per-token": { type: "string", default: "0" },
    "output-tokens": { type: "string" },
    "tokens-per-chunk": { type: "string", default: "1" },
  },
});
const options: ModelServerOptions = {
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
};
const backends = new Map([
  ["vllm", () => startVllmServer(options)],
  ["sglang", () => startSglangServer(options)],
  ["llama", () => startLlamaServer(options)],
  ["tgi", () => startTgiServer({ ...options, json: values["json-output"] })],
]);
const start = backends.get(values.backend);
if (start === undefined) {
  console.error(`--backend: expected ${[...backends.keys()].join(", ")}, found ${JSON.stringify(values.backend)}`);
  process.exit(1);
}
const server = await start();
console.log(JSON.stringify({ url: server.url }));
