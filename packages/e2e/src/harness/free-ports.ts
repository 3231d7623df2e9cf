import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Two neighbouring ports that were free a moment ago: a worker's public and internal one. */
export async function freePorts(): Promise<{ port: number; internalPort: number }> {
  while (true) {
    const first = await listen(0);
    const port = (first.address() as AddressInfo).port;
    const second = await listen(port + 1).catch(() => undefined);
    await Promise.all([close(first), second && close(second)]);
    if (second !== undefined) {
      return { port, internalPort: port + 1 };
    }
  }
}

async function listen(port: number) {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const close = (server: ReturnType<typeof createServer>): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
