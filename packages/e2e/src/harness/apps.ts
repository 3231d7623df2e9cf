import { type ComfyuiServerOptions, type ModelServer, startComfyuiServer } from "@pyworker/testing";
import { llmBackends } from "./llm-backends.ts";

/** An app that runs by its environment alone, and what it is asked and answers. */
export interface App {
  /** Its folder. */
  name: string;
  startModel(options: object): Promise<ModelServer>;
  /** Beside where its model is. */
  env: Readonly<Record<string, string>>;
  request: { route: string; payload: Record<string, unknown> };
  /** Stands in the answer. */
  answer: string;
}

const onComfyui = (name: string, input: Record<string, unknown>, answer: string): App => ({
  name,
  startModel: (options: ComfyuiServerOptions) => startComfyuiServer(options),
  env: { MODE: "direct" },
  request: { route: "/generate/sync", payload: { input } },
  answer,
});

export const apps: readonly App[] = [
  ...llmBackends.map(({ name, request, startModel }) => ({
    ...{ name, startModel, env: {}, answer: "This is a stand-in" },
    request: request({ prompt: "hello", maxTokens: 4 }),
  })),
  onComfyui("comfyui", { modifier: "Text2Image", modifications: { prompt: "a red fox" } }, ".png"),
  onComfyui("wan", { prompt: "a paper boat" }, ".mp4"),
  onComfyui("ace", { tags: "folk, fiddle" }, ".mp3"),
];
