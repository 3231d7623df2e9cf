import {
  type ModelServer,
  startLlamaServer,
  startSglangServer,
  startTgiServer,
  startVllmServer,
  type VllmServerOptions,
} from "@pyworker/testing";

interface TextRequest {
  prompt: string;
  maxTokens: number;
  stream?: boolean;
}

/** What tells one backend from another, for scenarios that hold for all. */
export interface LlmBackend {
  /** The app's folder. */
  name: string;
  startModel(options: VllmServerOptions): Promise<ModelServer>;
  /** The route and payload that ask for text. */
  request(text: TextRequest): { route: string; payload: Record<string, unknown> };
  /** A wrong payload of that route, and the field that is named. */
  wrong: { payload: Record<string, unknown>; field: string };
  /** A line of its log that means it is over, and its own name for what happened. */
  fatal: { line: string; pattern: string };
}

const openAi = {
  request: ({ prompt, maxTokens, stream = false }: TextRequest) => ({
    route: "/v1/completions",
    payload: { prompt, max_tokens: maxTokens, stream },
  }),
  wrong: { payload: { prompt: 5 }, field: "prompt" },
};

export const llmBackends: readonly LlmBackend[] = [
  {
    ...openAi,
    name: "vllm",
    startModel: startVllmServer,
    fatal: {
      line: "(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above.",
      pattern: "RuntimeError: Engine",
    },
  },
  {
    ...openAi,
    name: "sglang",
    startModel: startSglangServer,
    fatal: { line: "INFO exited: sglang (exit status 1; not expected)", pattern: "INFO exited: sglang" },
  },
  {
    ...openAi,
    name: "llama",
    startModel: startLlamaServer,
    fatal: { line: "llama_model_load: error loading model: no such file", pattern: "error loading model" },
  },
  {
    name: "tgi",
    startModel: startTgiServer,
    request: ({ prompt, maxTokens, stream = false }) => ({
      route: stream ? "/generate_stream" : "/generate",
      payload: { inputs: prompt, parameters: { max_new_tokens: maxTokens } },
    }),
    wrong: { payload: { inputs: "Hi", parameters: { max_new_tokens: "many" } }, field: "parameters.max_new_tokens" },
    fatal: { line: "Error: ShardFailed", pattern: "Error: ShardFailed" },
  },
];
