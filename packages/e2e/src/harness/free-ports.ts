import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range that systems hand out ports from, so that nobody's port 0 comes between the look and the use. */
const lowest = 15_000;
const pairs = 8000;

/** Two neighbouring ports that were free a moment ago: a worker's public and internal one. */
export async function freePorts(): Promise<{ port: number; internalPort: number }> {
  while (true) {
    const port = lowest + 2 * randomInt(pairs);
    if ((await isFree(port)) && (await isFree(port + 1))) {
      return { port, internalPort: port + 1 };
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
