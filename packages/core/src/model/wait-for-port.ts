import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const intervalMilliseconds = 20;
const patienceMilliseconds = 30_000;

/**
 * Resolves when something listens at `url`, or when patience ends: what then fails says more than a port can.
 * A model server may log that it is loaded a moment before it listens.
 */
export async function waitForPort(url: URL, signal: AbortSignal): Promise<void> {
  const target = targetOf(url);
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]);
  while (!giveUp.aborted && !(await accepts(target, giveUp))) {
    await sleep(intervalMilliseconds, undefined, { signal: giveUp, ref: false }).catch(() => undefined);
  }
}

/** Where a connection to a URL goes. */
export const targetOf = ({ hostname, port, protocol }: URL): Target => ({
  host: hostname.replace(/^\[|\]$/g, ""),
  port: Number(port || (protocol === "https:" ? 443 : 80)),
});

interface Target {
  host: string;
  port: number;
}

async function accepts(target: Target, signal: AbortSignal): Promise<boolean> {
  const socket = connect(target);
  try {
    // A host that drops packets would hold a connection attempt for minutes.
    await once(socket, "connect", { signal });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
