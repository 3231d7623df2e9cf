import { once } from "node:events";
import { createServer } from "node:net";

// Below the range from which systems give ports to outgoing connections: one of those would take what was free just now,
// and the Python worker needs a second to come and bind.
const lowest = 20_000;
const highest = 29_999;
let next = lowest + 2 * Math.floor((Math.random() * (highest - lowest)) / 2);

/** Two neighbouring ports that are free, and that nobody in this process has been given before. */
export async function freePorts(): Promise<{ port: number; internalPort: number }> {
  for (let tries = lowest; tries < highest; tries += 2) {
    const port = next;
    next = next + 2 > highest ? lowest : next + 2;
    if ((await isFree(port)) && (await isFree(port + 1))) {
      return { port, internalPort: port + 1 };
    }
  }
  throw new Error(`no two neighbouring ports are free from ${lowest} to ${highest}`);
}

/** One port of this kind; for a server that listens later, or comes back to it. */
export const freePort = async (): Promise<number> => (await freePorts()).port;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}
