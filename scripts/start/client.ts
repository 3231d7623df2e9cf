/** Sends signed requests to the engine's workers. Each is routed and signed for itself. */
export interface Client {
  post(path: string, request: { cost: number; payload: object }): Promise<Response>;
  get(path: string): Promise<Response>;
}

/** Requests end when `signal` aborts. */
export function createClient({ engineUrl, signal }: { engineUrl: string; signal: AbortSignal }): Client {
  const postJson = (url: string, body: unknown): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  /** What the engine says of the worker to ask, with its signature. */
  const route = async (cost: number): Promise<{ url: string }> => {
    const fields = { endpoint: "local", api_key: "local", cost, request_idx: 0 };
    const answer = await postJson(`${engineUrl}/route/`, fields);
    return (await answer.json()) as { url: string };
  };
  return {
    post: async (path, { cost, payload }) => {
      const authData = await route(cost);
      return postJson(authData.url + path, { auth_data: authData, payload });
    },
    get: async (path) => {
      const authData = await route(0);
      const auth = Buffer.from(JSON.stringify(authData)).toString("base64url");
      return fetch(authData.url + path, { headers: { "x-serverless-auth": auth }, signal });
    },
  };
}
