import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that the system gives to connections and to port 0, which could take one before the worker does. */
const range = [10_000, 32_000] as const;

/** Two neighbouring ports that were free a moment ago: a worker's public and internal one. */
export async function freePorts(): Promise<{ port: number; internalPort: number }> {
  while (true) {
    const port = randomInt(...range);
    if ((await isFree(port)) && (await isFree(port + 1))) {
      return { port, internalPort: port + 1 };
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
