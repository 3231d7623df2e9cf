import { Pool } from "undici";
import type { WorkerUnderTest } from "./start-worker.ts";

interface LoadOptions {
  url: string;
  count: number;
  /** Requests at once. */
  concurrency: number;
  route: (index: number) => string;
  body: (index: number) => string | Buffer;
  /** Sees every answer; bodies are read to the end either way. */
  onAnswer?: (answer: { index: number; status: number; body: string }) => void;
}

/** Posts many requests over kept-alive connections, and counts the answers by status; 0 stands for no answer. */
export async function postMany(options: LoadOptions): Promise<Map<number, number>> {
  const { count, concurrency, url } = options;
  const pool = new Pool(url, { connections: concurrency, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const answers = new Map<number, number>();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const status = await postOne(pool, index, options);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  await pool.close();
  return answers;
}

async function postOne(pool: Pool, index: number, { body, onAnswer, route }: LoadOptions): Promise<number> {
  try {
    const answer = await pool.request({
      method: "POST",
      path: route(index),
      headers: { "content-type": "application/json" },
      body: body(index),
    });
    const text = await answer.body.text();
    onAnswer?.({ index, status: answer.statusCode, body: text });
    return answer.statusCode;
  } catch {
    return 0;
  }
}

/**
 * Signed envelopes for this worker by the thousand: the URL's signature serves all of them, since a new one takes longer
 * than the request. `request_idx` and `reqnum` are `first` + index.
 */
export function envelopes(
  worker: WorkerUnderTest,
  { first, payload }: { first: number; payload: (index: number) => unknown },
): (index: number) => string {
  const auth = worker.authData();
  return (index) =>
    JSON.stringify({
      auth_data: { ...auth, request_idx: first + index, reqnum: first + index },
      session_id: null,
      payload: payload(index),
    });
}
