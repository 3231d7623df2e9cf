/** Lines as SGLang writes them. */
export interface SglangLogLines {
  starting(model: string): string[];
  loading(maxModelLen: number): string[];
  /** The last of these says that it is ready. */
  ready(port: number): string[];
  /** It never comes up. */
  startFailure(): string[];
  /** One request fails, and nothing else. */
  requestFailure(): string[];
  /** What the supervisor around it says when the process has ended. */
  exited(): string[];
}

export const sglangLogLines: SglangLogLines = {
  starting: (model) => [
    lineOf(`server_args=ServerArgs(model_path='${model}', tokenizer_path='${model}')`),
    lineOf("Init torch distributed begin."),
    lineOf("Load weight begin. avail mem=78.60 GB"),
  ],
  loading: (maxModelLen) => [
    lineOf("Load weight end. type=StandInForCausalLM, dtype=torch.bfloat16, avail mem=78.60 GB, mem usage=0.00 GB."),
    lineOf(`KV Cache is allocated. #tokens: ${8 * maxModelLen}, K size: 0.00 GB, V size: 0.00 GB`),
    lineOf(`max_total_num_tokens=${8 * maxModelLen}, max_running_requests=2048, context_len=${maxModelLen}`),
  ],
  ready: (port) => [
    lineOf("INFO:     Started server process [1]"),
    lineOf("INFO:     Waiting for application startup."),
    lineOf("INFO:     Application startup complete."),
    lineOf(`INFO:     Uvicorn running on http://127.0.0.1:${port} (Press CTRL+C to quit)`),
    lineOf('INFO:     127.0.0.1:40000 - "GET /get_model_info HTTP/1.1" 200 OK'),
    lineOf("The server is fired up and ready to roll!"),
  ],
  startFailure: () => [
    lineOf("Scheduler hit an exception: Traceback (most recent call last):"),
    '  File "/sgl-workspace/sglang/python/sglang/srt/managers/scheduler.py", line 2261, in run_scheduler_process',
    "torch.OutOfMemoryError: CUDA out of memory.",
  ],
  requestFailure: () => [
    lineOf("Error in request: "),
    "Traceback (most recent call last):",
    '  File "/sgl-workspace/sglang/python/sglang/srt/entrypoints/openai/serving_base.py", line 70, in handle_request',
    "ValueError: Token id 151936 is out of vocabulary",
  ],
  exited: () => ["INFO exited: sglang (exit status 1; not expected)"],
};

/** `[2026-01-01 12:00:00] …` */
const lineOf = (message: string): string => `[${new Date().toISOString().slice(0, 19).replace("T", " ")}] ${message}`;
