import {
  type ModelServer,
  startLlamaServer,
  startSglangServer,
  startTgiServer,
  startVllmServer,
  type VllmServerOptions,
} from "@pyworker/testing";

/** What `npm start` needs to know of a backend. */
export interface Backend {
  startStandIn(options: VllmServerOptions): Promise<ModelServer>;
  /** The route to ask for text. */
  route: string;
  payload(prompt: string, model: string | undefined): object;
  /** The text in an event of the stream. */
  textOf(event: StreamEvent): string | undefined;
}

interface StreamEvent {
  choices?: { text?: string }[];
  token?: { text: string; special: boolean };
}

const openAi = {
  route: "/v1/completions",
  payload: (prompt, model) => ({ prompt, max_tokens: 64, stream: true, ...(model === undefined ? {} : { model }) }),
  textOf: ({ choices }) => choices?.[0]?.text,
} as const satisfies Partial<Backend>;

/** The backends by name, each with an app of that name. */
export const backends: Readonly<Record<string, Backend>> = {
  vllm: { ...openAi, startStandIn: startVllmServer },
  sglang: { ...openAi, startStandIn: startSglangServer },
  llama: { ...openAi, startStandIn: startLlamaServer },
  tgi: {
    startStandIn: startTgiServer,
    route: "/generate_stream",
    payload: (inputs) => ({ inputs, parameters: { max_new_tokens: 64 } }),
    textOf: ({ token }) => (token?.special ? undefined : token?.text),
  },
};
