import { connect, type Socket } from "node:net";

export interface RawRequest {
  path: string;
  body: Buffer;
}

/** A connection to a server, for requests as bytes. */
export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), noDelay: true });
}

/** A POST of JSON as bytes. */
export function requestBytes(url: string, { body, path }: RawRequest): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
