#!/usr/bin/env node
import { parseArgs } from "node:util";
import { startApiWrapper } from "./api-wrapper/api-wrapper.ts";
import { type ComfyuiServerOptions, startComfyuiServer } from "./comfyui/comfyui-server.ts";
import { startLlamaServer } from "./llama/llama-server.ts";
import type { ModelServerOptions } from "./server/model-server.ts";
import { startSglangServer } from "./sglang/sglang-server.ts";
import { startTgiServer } from "./tgi/tgi-server.ts";
import { startVllmServer } from "./vllm/vllm-server.ts";

const help = `pyworker-stand-in [options]

A stand-in for a model server: it answers like the real one, by rote. Prints its URL as JSON once it listens.

  --backend NAME          vllm, sglang, llama, tgi, comfyui or api-wrapper (default: vllm)
  --port PORT             default 18000; 0 takes a free one
  --log FILE              where its log goes
  --pty                   the log in colour and with \\r\\n, as on a terminal
  --model NAME            the model it says it serves (default: stand-in)
  --max-model-len TOKENS  default 8192
  --api-key KEY           what requests must carry
  --start-delay MS        how long the model takes to load (default: 0)
  --ms-per-token MS       the pace of its answers (default: 0)
  --output-tokens COUNT   ends answers before their limit
  --tokens-per-chunk N    tokens in one chunk of a stream (default: 1)
  --json-output           TGI: a log of objects
  --ms-per-step MS        ComfyUI: the pace of its jobs (default: 50)
  --previews              ComfyUI: pictures with the steps
  --output-folder FOLDER  ComfyUI: where files go
  --comfyui-url URL       the API wrapper: where its ComfyUI is (default: http://127.0.0.1:18188)
  --help                  this text`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backend: { type: "string", default: "vllm" },
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
      "json-output": { type: "boolean", default: false },
      "ms-per-step": { type: "string", default: "50" },
      previews: { type: "boolean", default: false },
      "output-folder": { type: "string" },
      "comfyui-url": { type: "string", default: "http://127.0.0.1:18188" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
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
    throw new Error(`--backend: expected ${[...backends.keys()].join(", ")}, found ${JSON.stringify(values.backend)}`);
  }
  const server = await start();
  console.log(JSON.stringify({ url: server.url }));
}
