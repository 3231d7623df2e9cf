/** Lines as vLLM 0.1x writes them: process, level, time, place, message. */
export interface VllmLogLines {
  /** Before the weights. */
  starting(model: string): string[];
  /** Weights and cache. */
  loading(model: string, maxModelLen: number): string[];
  /** The last of these says that it is ready; the port opens right after. */
  ready(port: number): string[];
  /** The engine dies while it serves. */
  engineDeath(): string[];
  /** It never comes up. */
  startFailure(): string[];
  /** One request fails, and nothing else: a traceback that is no reason to worry. */
  requestFailure(): string[];
  /** What the supervisor around it says when the process has ended. */
  exited(): string[];
}

const apiServer = "(APIServer pid=1)";
const engineCore = "(EngineCore_DP0 pid=87)";
const version = "0.0.0+stand-in";
const getRoutes = ["/health", "/ping", "/version", "/v1/models"];
const postRoutes = ["/tokenize", "/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/responses"];
const routes = [...getRoutes, ...postRoutes];

export const vllmLogLines: VllmLogLines = {
  starting: (model) => [
    lineOf(apiServer, { place: "api_server.py:1896", message: `vLLM API server version ${version}` }),
    lineOf(apiServer, { place: "utils.py:328", message: `non-default args: {'model': '${model}'}` }),
    lineOf(engineCore, {
      place: "core.py:94",
      message: `Initializing a V1 LLM engine (v${version}) with config: model='${model}'`,
    }),
  ],
  loading: (model, maxModelLen) =>
    [
      { place: "gpu_model_runner.py:2338", message: `Starting to load model ${model}...` },
      { place: "default_loader.py:268", message: "Loading weights took 0.01 seconds" },
      { place: "gpu_model_runner.py:2392", message: "Model loading took 0.0000 GiB and 0.011 seconds" },
      { place: "gpu_worker.py:298", message: "Available KV cache memory: 0.00 GiB" },
      {
        place: "kv_cache_utils.py:864",
        message: `GPU KV cache size: ${(8 * maxModelLen).toLocaleString("en")} tokens`,
      },
      {
        place: "kv_cache_utils.py:868",
        message: `Maximum concurrency for ${maxModelLen.toLocaleString("en")} tokens per request: 8.00x`,
      },
      {
        place: "core.py:218",
        message: "init engine (profile, create kv cache, warmup model) took 0.01 seconds",
      },
    ].map((record) => lineOf(engineCore, record)),
  ready: (port) => [
    lineOf(apiServer, { place: "api_server.py:1692", message: "Supported tasks: ['generate']" }),
    lineOf(apiServer, {
      place: "api_server.py:1971",
      message: `Starting vLLM API server 0 on http://127.0.0.1:${port}`,
    }),
    lineOf(apiServer, { place: "launcher.py:36", message: "Available routes are:" }),
    ...routes.map((route) =>
      lineOf(apiServer, { place: "launcher.py:44", message: `Route: ${route}, Methods: ${methodOf(route)}` }),
    ),
    `${apiServer} INFO:     Started server process [1]`,
    `${apiServer} INFO:     Waiting for application startup.`,
    `${apiServer} INFO:     Application startup complete.`,
  ],
  engineDeath: () => [
    ...recordOf(engineCore, "core.py:710", [
      "EngineCore encountered a fatal error.",
      "Traceback (most recent call last):",
      "torch.OutOfMemoryError: CUDA out of memory.",
    ]),
    ...recordOf(apiServer, "async_llm.py:480", [
      "AsyncLLM output_handler failed.",
      "Traceback (most recent call last):",
      "vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.",
    ]),
  ],
  startFailure: () => [
    ...recordOf(engineCore, "core.py:700", [
      "EngineCore failed to start.",
      "Traceback (most recent call last):",
      "ValueError: To serve at least one request with the model's max seq len (8192), 1.00 GiB KV cache is needed.",
    ]),
    `${apiServer} Traceback (most recent call last):`,
    `${apiServer} RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}`,
  ],
  requestFailure: () =>
    recordOf(apiServer, "serving_completion.py:118", [
      "Error in preprocessing prompt inputs",
      "Traceback (most recent call last):",
      "ValueError: Token id 151936 is out of vocabulary",
    ]),
  exited: () => ["INFO exited: vllm (exit status 1; not expected)"],
};

/** A line as a terminal gets it, on which Vast's images run vLLM: with the process in colour. */
export const colourLine = (line: string): string => line.replace(/^\([^)]*\)/, "\u001b[0;36m$&\u001b[0;0m");

interface LogRecord {
  place: string;
  message: string;
  level?: "INFO" | "ERROR";
}

const lineOf = (writer: string, { place, message, level = "INFO" }: LogRecord): string =>
  `${writer} ${level} ${timestamp()} [${place}] ${message}`;

/** A record of several lines repeats its head on each. */
const recordOf = (writer: string, place: string, messages: readonly string[]): string[] =>
  messages.map((message) => lineOf(writer, { place, message, level: "ERROR" }));

const methodOf = (route: string): string => (postRoutes.includes(route) ? "POST" : "GET");

/** `07-28 23:02:25` */
const timestamp = (): string => new Date().toISOString().slice(5, 19).replace("T", " ");
