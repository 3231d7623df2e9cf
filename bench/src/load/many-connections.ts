import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectTo, type RawRequest, requestBytes } from "./raw-request.ts";

/** So many connections at a time fit into what a server has for those it has not accepted yet. */
const connectionsAtOnce = 200;
const settleMilliseconds = 1000;

interface ManyConnections extends RawRequest {
  connections: number;
}

/**
 * Lets many connections ask at the same moment, `times` times over; resolves to the milliseconds for a request until all are
 * answered.
 */
export async function timeCrowd(
  url: string,
  { connections, times, ...request }: ManyConnections & { times: number },
): Promise<number> {
  const sockets = await openConnections(url, connections);
  const bytes = requestBytes(url, request);
  const startedAt = performance.now();
  for (let time = 0; time < times; time += 1) {
    await Promise.all(sockets.map((socket) => ask(socket, bytes)));
  }
  const milliseconds = performance.now() - startedAt;
  closeConnections(sockets);
  return milliseconds / (connections * times);
}

/** Keeps connections busy that were opened before; resolves to the answers in a second. */
export async function measureKeptConnections(
  url: string,
  { connections, seconds, ...request }: ManyConnections & { seconds: number },
): Promise<number> {
  const sockets = await openConnections(url, connections);
  const bytes = requestBytes(url, request);
  let answers = 0;
  let isOver = false;
  const keepAsking = async (socket: Socket): Promise<void> => {
    while (!isOver) {
      await ask(socket, bytes);
      answers += 1;
    }
  };
  const asking = Promise.all(sockets.map(keepAsking));
  // The worker opens as many connections to the model first.
  await Promise.race([sleep(settleMilliseconds), asking]);
  answers = 0;
  const startedAt = performance.now();
  await Promise.race([sleep(seconds * 1000), asking]);
  const rate = (answers * 1000) / (performance.now() - startedAt);
  isOver = true;
  await asking;
  closeConnections(sockets);
  return rate;
}

async function openConnections(url: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(connectionsAtOnce, count - sockets.length) }, () => connectTo(url));
    await Promise.all(some.map((socket) => once(socket, "connect")));
    sockets.push(...some);
  }
  return sockets;
}

function closeConnections(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.destroy();
  }
}

const success = "HTTP/1.1 200";

/** The stand-in's answers are short: each comes in one piece. */
async function ask(socket: Socket, request: Buffer): Promise<void> {
  socket.write(request);
  const [answer]: Buffer[] = await once(socket, "data");
  const head = answer?.toString("latin1", 0, success.length);
  if (head !== success) {
    throw new Error(`answered ${head}`);
  }
}
