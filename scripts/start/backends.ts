import { startLlamaServer, startSglangServer, startTgiServer, startVllmServer } from "@pyworker/testing";
import type { Backend } from "./backend.ts";
import { jobBackend } from "./job-backend.ts";
import { type TextDefinition, textBackend } from "./text-backend.ts";

const openAi = {
  route: "/v1/completions",
  payload: (prompt, model) => ({ prompt, max_tokens: 64, stream: true, ...(model === undefined ? {} : { model }) }),
  textOf: ({ choices }) => choices?.[0]?.text,
} as const satisfies Partial<TextDefinition>;

const lyrics = "[verse]\nThe kettle sings, the window's wide\nThe morning left its coat outside";

/** The backends by name, each with an app of that name. */
export const backends: Readonly<Record<string, Backend>> = {
  vllm: textBackend({ ...openAi, startStandIn: startVllmServer }),
  sglang: textBackend({ ...openAi, startStandIn: startSglangServer }),
  llama: textBackend({ ...openAi, startStandIn: startLlamaServer }),
  tgi: textBackend({
    startStandIn: startTgiServer,
    route: "/generate_stream",
    payload: (inputs) => ({ inputs, parameters: { max_new_tokens: 64 } }),
    textOf: ({ token }) => (token?.special ? undefined : token?.text),
  }),
  comfyui: jobBackend({
    options: ["model"],
    usualPrompt: "a lighthouse at dusk, oil painting",
    input: (prompt, model) => ({
      modifier: "Text2Image",
      modifications: { prompt, ...(model === undefined ? {} : { ckpt_name: model }) },
    }),
  }),
  wan: jobBackend({
    usualPrompt: "a paper boat drifts down a stream, slow camera, morning light",
    input: (prompt) => ({ prompt, width: 480, height: 272, seconds: 2, steps: 10 }),
  }),
  ace: jobBackend({
    usualPrompt: "folk, acoustic guitar, warm voice, 92 bpm",
    input: (tags) => ({ tags, lyrics, seconds: 20 }),
  }),
};
