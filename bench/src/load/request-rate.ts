import autocannon from "autocannon";

interface RateSettings {
  path?: string;
  bodies: readonly Buffer[];
  connections: number;
  seconds: number;
}

export interface RequestRate {
  perSecond: number;
  requests: number;
  /** Milliseconds. */
  p99: number;
}

const mostBodiesOfConnection = 250;

/** Keeps a number of connections busy, each with requests of its own. Rejects where one is not answered 2xx. */
export async function measureRequestRate(
  url: string,
  { bodies, connections, path = "/v1/completions", seconds }: RateSettings,
): Promise<RequestRate> {
  const share = Math.max(1, Math.min(mostBodiesOfConnection, Math.floor(bodies.length / connections)));
  const headers = { "content-type": "application/json" };
  let given = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 100,
    setupClient: (client) => {
      const mine = Array.from({ length: share }, (_, index) => bodies[(given + index) % bodies.length] ?? "");
      given += share;
      client.setRequests(mine.map((body) => ({ method: "POST", path, headers, body })));
    },
  });
  const { errors, non2xx, timeouts } = result;
  if (errors + non2xx + timeouts > 0) {
    throw new Error(`${url}: ${non2xx} answers other than 2xx, ${errors} errors, ${timeouts} time-outs`);
  }
  return {
    perSecond: result.requests.total / result.duration,
    requests: result.requests.total,
    p99: result.latency.p99,
  };
}
