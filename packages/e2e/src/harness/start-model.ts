import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the model server got it. */
export interface ModelRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
  /** When its client left before the answer was complete; undefined otherwise. */
  abortedAt: number | undefined;
}

/** A model server made of one function, for what no real one does on request. */
export interface Model {
  readonly url: string;
  readonly server: Server;
  readonly requests: ModelRequest[];
  stop(): Promise<void>;
}

type Answer = (request: ModelRequest, response: ServerResponse) => unknown;

/** `/health` is answered 200; everything else by `answer`. */
export async function startModel(answer: Answer): Promise<Model> {
  const requests: ModelRequest[] = [];
  const server = createServer(async (incoming, response) => {
    if (incoming.url === "/health") {
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk);
    }
    const request: ModelRequest = {
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      headers: incoming.headers,
      body: Buffer.concat(chunks),
      abortedAt: undefined,
    };
    requests.push(request);
    response.once("close", () => {
      request.abortedAt = response.writableFinished ? undefined : performance.now();
    });
    await answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
