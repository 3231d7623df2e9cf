import { connectRaw, type RawConnection } from "./raw-connection.ts";

/** Clients that send a head at once and then a byte a second, until their connection is closed or `stop` is called. */
export interface SlowClients {
  readonly connections: readonly RawConnection[];
  stop(): void;
}

const atOnce = 250;

/** Opens that many connections, a few hundred at a time: more than that would wait longer for the other side than it waits for them. */
export async function connectMany(port: number, count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  while (connections.length < count) {
    const missing = Math.min(atOnce, count - connections.length);
    connections.push(...(await Promise.all(Array.from({ length: missing }, () => connectRaw(port)))));
  }
  return connections;
}

export async function startSlowClients(port: number, count: number, head: string): Promise<SlowClients> {
  const connections = await connectMany(port, count);
  for (const connection of connections) {
    connection.send(head);
  }
  const timer = setInterval(() => {
    for (const connection of connections) {
      if (!connection.isClosed()) {
        connection.send("x");
      }
    }
  }, 1000);
  return {
    connections,
    stop: () => {
      clearInterval(timer);
      for (const connection of connections) {
        connection.close();
      }
    },
  };
}

/** A head that never ends, and one whose body never does. */
export const slowHead = "POST /parallel HTTP/1.1\r\nhost: worker\r\nx-slow: ";
export const slowBody =
  'POST /parallel HTTP/1.1\r\nhost: worker\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{"a": "';
