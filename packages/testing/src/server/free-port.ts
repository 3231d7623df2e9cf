import { createServer, type Server } from "node:http";

/** A port that was free a moment ago; for a server that listens later. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await listenOn(probe, 0);
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}
