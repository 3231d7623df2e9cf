import { Client } from "undici";
import { median } from "../statistics.ts";

/** One kept-alive connection, for one request after another. */
export interface Connection {
  /** Posts and reads the answer to its end. Resolves to the milliseconds that took; rejects where it is not 2xx. */
  post(body: Buffer): Promise<number>;
  close(): Promise<void>;
}

export function openConnection(url: string, path = "/v1/completions"): Connection {
  const client = new Client(url);
  const headers = { "content-type": "application/json" };
  return {
    post: async (body) => {
      const startedAt = performance.now();
      const answer = await client.request({ method: "POST", path, headers, body });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) {
        throw new Error(`${url}${path} answered ${answer.statusCode}: ${text.slice(0, 200)}`);
      }
      return performance.now() - startedAt;
    },
    close: () => client.destroy(),
  };
}

/** The median latency in milliseconds of one request after another on one connection. */
export async function measureLatency(
  url: string,
  { bodies, requests }: { bodies: readonly Buffer[]; requests: number },
): Promise<number> {
  const connection = openConnection(url);
  const latencies: number[] = [];
  for (let index = 0; index < requests; index += 1) {
    latencies.push(await connection.post(bodies[index % bodies.length] ?? Buffer.alloc(0)));
  }
  await connection.close();
  return median(latencies);
}
