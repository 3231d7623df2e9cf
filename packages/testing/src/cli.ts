import { parseArgs } from "node:util";
import { startApiWrapper } from "./api-wrapper/api-wrapper.ts";
import { type ComfyuiServerOptions, startComfyuiServer } from "./comfyui/comfyui-server.ts";
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
    /** ComfyUI alone: how long a step takes, whether steps come with pictures, where files go. */
    "ms-per-step": { type: "string", default: "50" },
    previews: { type: "boolean", default: false },
    "output-folder": { type: "string" },
    "tokens-per-chunk": { type: "string", default: "1" },
    /** The API wrapper alone: where its ComfyUI is. */
    "comfyui-url": { type: "string", default: "http://127.0.0.1:18188" },
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
const comfyuiOptions: ComfyuiServerOptions = {
  msPerStep: Number(values["ms-per-step"]),
  previews: values.previews,
  ...(values["output-folder"] === undefined ? {} : { outputFolder: values["output-folder"] }),
};
const backends = new Map([
  ["vllm", () => startVllmServer(options)],
  ["sglang", () => startSglangServer(options)],
  ["llama", () => startLlamaServer(options)],
  ["comfyui", () => startComfyuiServer({ ...options, ...comfyuiOptions })],
  ["tgi", () => startTgiServer({ ...options, json: values["json-output"] })],
  ["api-wrapper", () => startApiWrapper({ ...options, comfyuiUrl: values["comfyui-url"] })],
]);
const start = backends.get(values.backend);
if (start === undefined) {
  console.error(`--backend: expected ${[...backends.keys()].join(", ")}, found ${JSON.stringify(values.backend)}`);
  process.exit(1);
}
const server = await start();
console.log(JSON.stringify({ url: server.url }));
