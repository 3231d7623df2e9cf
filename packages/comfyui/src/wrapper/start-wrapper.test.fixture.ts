import {
  type ApiWrapper,
  type ApiWrapperOptions,
  type ObedientComfyui,
  startApiWrapper,
  startObedientComfyui,
  until,
} from "@pyworker/testing";
import { createWrapperClient, type WrapperClient } from "./wrapper-client.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

/** Stops what the functions below have started, last first. */
export async function stopAll(): Promise<void> {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
}

interface Line {
  client: WrapperClient;
  wrapper: ApiWrapper;
  comfyui: ObedientComfyui;
}

/** A client, the wrapper that it calls, and the ComfyUI behind that. */
export async function startLine(options: Partial<ApiWrapperOptions> = {}): Promise<Line> {
  const comfyui = await startObedientComfyui();
  cleanUps.push(() => comfyui.stop());
  const wrapper = await startApiWrapper({ comfyuiUrl: comfyui.url, pollMs: 5, ...options });
  cleanUps.push(() => wrapper.stop());
  return { client: clientOf(wrapper.url), wrapper, comfyui };
}

export function clientOf(url: string, options?: { timeoutMilliseconds: number }): WrapperClient {
  const client = createWrapperClient(url, options);
  cleanUps.push(() => client.stop());
  return client;
}

/** The id of the prompt that ComfyUI has taken as its nth. */
export const promptTaken = ({ prompts }: ObedientComfyui, count = 1): Promise<string> =>
  until(() => [...prompts.keys()][count - 1], { what: () => `prompt ${count}` });

export const messageIs = ({ jobs }: ApiWrapper, message: string): Promise<boolean> =>
  until(() => jobs.at(-1)?.result.message === message, { what: () => message });
