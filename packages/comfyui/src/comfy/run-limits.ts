/** How long to wait for what while a prompt runs. Milliseconds. */
export interface RunLimits {
  /** Between two looks at /history and /queue. */
  poll: number;
  /** For the socket to open, and ComfyUI to greet on it. The prompt is sent all the same. */
  greeting: number;
  /** Without any message, after which the socket is opened anew. ComfyUI can lose a socket that looks open; while a model loads, silence is normal. */
  silence: number;
  /** Before a socket that has closed is opened again. */
  reconnect: number;
  /** Between two pings, which keep the connection in use. */
  ping: number;
  /** That a prompt is neither queued nor in the history before it counts as lost. */
  gone: number;
  /** That ComfyUI can't be reached before the job fails. */
  unreachable: number;
  /** That a prompt waits while nothing runs before ComfyUI's prompt worker counts as dead. */
  idle: number;
  /** Before POST /prompt is tried again; the second wait is twice as long, and so on. */
  retry: number;
  /** For a cancelled prompt to leave ComfyUI. Some nodes can't be interrupted. */
  cancel: number;
}

export const defaultRunLimits: RunLimits = {
  poll: 3000,
  greeting: 10_000,
  silence: 60_000,
  reconnect: 1000,
  ping: 20_000,
  gone: 3000,
  unreachable: 60_000,
  idle: 60_000,
  retry: 500,
  cancel: 30_000,
};
