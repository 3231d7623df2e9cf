import { once } from "node:events";
import { connect } from "node:net";

/** A client that speaks TCP, for what no HTTP client would say. */
export interface RawConnection {
  send(bytes: string | Uint8Array): void;
  /** All that has come so far, a byte a character. */
  received(): string;
  /** Whether the other side has closed. */
  isClosed(): boolean;
  /** Resolves when the other side has closed, with `performance.now()`. */
  readonly closed: Promise<number>;
  close(): void;
}

export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  let hasClosed = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset is one more way of closing; what is tested is that it came.
  socket.on("error", () => {});
  const closed = new Promise<number>((resolve) => {
    socket.on("close", () => {
      hasClosed = true;
      resolve(performance.now());
    });
  });
  await once(socket, "connect");
  return {
    send: (bytes) => socket.write(bytes),
    received: () => Buffer.concat(chunks).toString("latin1"),
    isClosed: () => hasClosed,
    closed,
    close: () => socket.destroy(),
  };
}

/** A POST as bytes: its head, and its body with the right length. */
export function rawPost(route: string, body: string, headers: readonly string[] = []): string {
  const head = [
    `POST ${route} HTTP/1.1`,
    "host: worker",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The status lines in what came, interim ones left out: one for each answer. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/^HTTP\/1\.1 ([2-5]\d\d) /gm)].map(([, status]) => Number(status));
