/** Lines as llama.cpp's server writes them. */
export interface LlamaLogLines {
  starting(port: number, model: string): string[];
  loading(maxModelLen: number): string[];
  /** That the model is loaded, and where it is served. */
  ready(port: number): string[];
  request(request: { method: string; path: string; status: number }): string[];
  /** It never comes up. */
  startFailure(model: string): string[];
  /** What the supervisor around it says when the process has ended. */
  exited(): string[];
}

export const llamaLogLines: LlamaLogLines = {
  starting: (port, model) => [
    "build: 0 (stand-in) with no compiler for no machine",
    "system info: n_threads = 1, n_threads_batch = 1, total_threads = 1",
    `main: HTTP server is listening, hostname: 127.0.0.1, port: ${port}, http threads: 3`,
    "main: loading model",
    `srv    load_model: loading model '${model}'`,
  ],
  loading: (maxModelLen) => [
    "load_tensors: offloaded 0/0 layers to GPU",
    `llama_context: n_ctx = ${maxModelLen}`,
    "srv          init: initializing slots, n_slots = 1",
    `slot         init: id  0 | task -1 | new slot n_ctx_slot = ${maxModelLen}`,
  ],
  ready: (port) => [
    "main: model loaded",
    `main: server is listening on http://127.0.0.1:${port} - starting the main loop`,
    "srv  update_slots: all slots are idle",
  ],
  request: ({ method, path, status }) => [`srv  log_server_r: request: ${method} ${path} 127.0.0.1 ${status}`],
  startFailure: (model) => [
    `llama_model_load: error loading model: failed to open GGUF file '${model}'`,
    "llama_model_load_from_file_impl: failed to load model",
    `srv    load_model: failed to load model, '${model}'`,
    "main: exiting due to model loading error",
  ],
  exited: () => ["INFO exited: llama (exit status 1; not expected)"],
};
