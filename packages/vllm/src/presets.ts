/** What tells one OpenAI-compatible engine from another. */
export interface Preset {
  modelLogFile: string;
  onLoad: readonly string[];
  onError: readonly string[];
}

const traceback = "Traceback (most recent call last):";

/** Logs of the engines Vast's images run, and what their lines mean. */
export const presets = {
  vllm: {
    modelLogFile: "/var/log/portal/vllm.log",
    onLoad: ["Application startup complete."],
    onError: ["INFO exited: vllm", "RuntimeError: Engine", traceback],
  },
  sglang: {
    modelLogFile: "/var/log/portal/sglang.log",
    onLoad: ["The server is fired up and ready to roll!"],
    onError: ["INFO exited: sglang", traceback],
  },
  llama: {
    modelLogFile: "/var/log/portal/llama.log",
    onLoad: ["model loaded"],
    onError: ["INFO exited: llama", "error loading model", "failed to load model"],
  },
} as const satisfies Record<string, Preset>;

export type EngineName = keyof typeof presets;

export const isEngineName = (name: string): name is EngineName => Object.hasOwn(presets, name);
