import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { startApiWrapper, startComfyuiServer } from "@pyworker/testing";
import type { Behind, Setup } from "./backend.ts";

type Server = Behind["servers"][number];

/** Finds ComfyUI or starts a stand-in, and an API wrapper before it where that is the mode. */
export async function provideComfyui(setup: Setup, { input }: { input: object }): Promise<Behind> {
  const { folder, onStop, options } = setup;
  const { mode = "direct" } = options;
  if (mode !== "direct" && mode !== "wrapper") {
    throw new Error(`--mode is direct or wrapper, not "${mode}"`);
  }
  const comfyui = await findComfyui(setup);
  const environment = { MODE: mode, COMFYUI_URL: comfyui.url, ...(await benchmarkOf(setup, input)) };
  if (mode === "direct") {
    return {
      servers: [comfyui.server],
      environment: { ...environment, MODEL_SERVER_URL: comfyui.url, MODEL_LOG: comfyui.logFile },
    };
  }
  const logFile = join(folder, "api-wrapper.log");
  const wrapper = await startApiWrapper({ comfyuiUrl: comfyui.url, logFile });
  onStop(() => wrapper.stop());
  return {
    servers: [comfyui.server, { name: "API wrapper", url: wrapper.url, note: "(a stand-in)" }],
    environment: { ...environment, MODEL_SERVER_URL: wrapper.url, MODEL_LOG: logFile },
  };
}

async function findComfyui({
  folder,
  onStop,
  options,
}: Setup): Promise<{ url: string; logFile: string; server: Server }> {
  const { "model-log": log, "model-url": url } = options;
  // Where no log is given, nothing is ever written there: that ComfyUI is ready is told by its answers.
  const logFile = log === undefined ? join(folder, "comfyui.log") : resolve(log);
  if (url !== undefined) {
    return { url, logFile, server: { name: "ComfyUI", url, note: "(the worker measures it first, by several jobs)" } };
  }
  if (log !== undefined) {
    throw new Error("--model-log needs --model-url: a stand-in has a log of its own");
  }
  const standIn = await startComfyuiServer({ logFile, msPerStep: 50, startDelayMs: 500 });
  onStop(() => standIn.stop());
  const note = "(a stand-in: it takes its time, and its files are small samples)";
  return { url: standIn.url, logFile, server: { name: "ComfyUI", url: standIn.url, note } };
}

/** A ComfyUI that has other models than the benchmark's own request needs is measured by what it will be asked for. */
async function benchmarkOf({ folder, options }: Setup, input: object): Promise<Record<string, string>> {
  const { model, "model-url": url, workflow } = options;
  if (url === undefined || (model ?? workflow) === undefined) {
    return {};
  }
  if (workflow !== undefined) {
    return { BENCHMARK_JSON_PATH: resolve(workflow) };
  }
  const path = join(folder, "benchmark.json");
  await writeFile(path, JSON.stringify({ input }));
  return { BENCHMARK_JSON_PATH: path };
}
