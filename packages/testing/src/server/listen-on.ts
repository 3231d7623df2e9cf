import type { Server } from "node:http";

/** Resolves once the server listens there on this machine alone; rejects where it can't. */
export function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}
