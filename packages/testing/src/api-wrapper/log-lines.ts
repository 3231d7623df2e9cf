/** Lines as the wrapper and the uvicorn around it write them. */
export interface WrapperLogLines {
  starting(): string[];
  workersStarted(): string[];
  /** uvicorn serves; that says nothing of ComfyUI. */
  serving(port: number): string[];
  ready(backends: number): string;
  readyTimeout(seconds: number): string;
  unrecoverable(backend: string, reason: string): string;
  /** The process never comes up. */
  startFailure(): string[];
  /** What a worker writes in the wrapper's place, where the wrapper is too old to. */
  synthesised(): string;
  queued(id: string): string;
  jobFailed(id: string, message: string): string;
}

const generation = "workers.generation_worker";

export const wrapperLogLines: WrapperLogLines = {
  starting: () => ["INFO:     Started server process [1]", "INFO:     Waiting for application startup."],
  workersStarted: () => [
    "INFO:main:Workers initialized successfully",
    "INFO:main:Started 2 preprocess workers",
    "INFO:main:Started 1 generation workers",
    "INFO:main:Started 2 postprocess workers",
  ],
  serving: (port) => [
    "INFO:     Application startup complete.",
    `INFO:     Uvicorn running on http://127.0.0.1:${port} (Press CTRL+C to quit)`,
  ],
  ready: (backends) => `INFO:main:BACKENDS_READY: ${backends} backend(s) reachable, ready to serve`,
  readyTimeout: (seconds) => `ERROR:main:BACKENDS_READY_TIMEOUT: backends not reachable after ${seconds}s`,
  unrecoverable: (backend, reason) => `ERROR:${generation}:BACKEND_UNRECOVERABLE: GPU on ${backend} latched: ${reason}`,
  startFailure: () => [
    "ERROR:    Traceback (most recent call last):",
    "RuntimeError: no backend is configured",
    "ERROR:    Application startup failed. Exiting.",
  ],
  synthesised: () => "BACKENDS_READY (synthesised by pyworker readiness shim)",
  queued: (id) => `INFO:main:Queued request ${id}`,
  jobFailed: (id, message) => `ERROR:${generation}:GenerationWorker 1 failed job ${id}: ${message}`,
};
