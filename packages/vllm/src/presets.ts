/** What tells one OpenAI-compatible engine from another. */
export interface Preset {
  modelLogFile: string;
  onLoad: readonly string[];
  onError: readonly string[];
  /** What a request that fails on its own logs as well. */
  onSuspect: readonly string[];
  /** Tokens that `/v1/completions` makes where the request names no limit; undefined: as many as fit. */
  completionTokens: number | undefined;
  /** Requests at once in the benchmark: more than the engine runs side by side only measure its queue. */
  benchmarkConcurrency: number;
  /** What `/v1/score` compares: texts in pairs; or, with SGLang, a text and tokens that may follow it. */
  scores: "pairs" | "labels";
  /** The field in which `/tokenize` has the text. */
  tokenizeField: "prompt" | "content";
}

const traceback = "Traceback (most recent call last):";

/** Logs of the engines Vast's images run, what their lines mean, and where their OpenAI routes differ. */
export const presets = {
  vllm: {
    modelLogFile: "/var/log/portal/vllm.log",
    onLoad: ["Application startup complete."],
    onError: ["INFO exited: vllm", "RuntimeError: Engine"],
    onSuspect: [traceback],
    completionTokens: 16,
    benchmarkConcurrency: 100,
    scores: "pairs",
    tokenizeField: "prompt",
  },
  sglang: {
    modelLogFile: "/var/log/portal/sglang.log",
    onLoad: ["The server is fired up and ready to roll!"],
    onError: ["INFO exited: sglang"],
    onSuspect: [traceback],
    completionTokens: 16,
    benchmarkConcurrency: 100,
    scores: "labels",
    tokenizeField: "prompt",
  },
  llama: {
    modelLogFile: "/var/log/portal/llama.log",
    onLoad: ["model loaded"],
    onError: ["INFO exited: llama", "error loading model", "failed to load model"],
    onSuspect: [],
    completionTokens: undefined,
    benchmarkConcurrency: 10,
    scores: "pairs",
    tokenizeField: "content",
  },
} as const satisfies Record<string, Preset>;

export type EngineName = keyof typeof presets;

export const isEngineName = (name: string): name is EngineName => Object.hasOwn(presets, name);
