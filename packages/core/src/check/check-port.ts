import { once } from "node:events";
import { createServer } from "node:net";
import { hasCode } from "../has-code.ts";
import { reasonOf } from "../reason-of.ts";
import type { Finding } from "./finding.ts";

interface Port {
  /** The variable that sets it. */
  name: string;
  host: string;
  port: number;
  signal: AbortSignal;
}

/** Whether a port can be listened on; it is let go of at once. */
export async function checkPort({ host, name, port, signal }: Port): Promise<readonly Finding[]> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port });
  try {
    await once(server, "listening", { signal });
    return [{ name, outcome: "ok", found: `port ${port} of ${host} is free` }];
  } catch (error) {
    return [
      {
        name,
        outcome: "wrong",
        expected: `port ${port} of ${host} to be free`,
        found: reasonOf(error),
        advice: hasCode(error, "EADDRINUSE")
          ? `stop what listens there, or set ${name}`
          : `set ${name} and ${name.replace("PORT", "HOST")} to what this machine has`,
      },
    ];
  } finally {
    server.close();
  }
}
