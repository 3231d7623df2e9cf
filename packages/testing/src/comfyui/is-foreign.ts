import type { IncomingHttpHeaders } from "node:http";

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Whether a page of another place asks a server on this machine. */
export function isForeign({ host = "", origin }: IncomingHttpHeaders): boolean {
  return origin !== undefined && loopback.test(host) && URL.parse(origin)?.host !== host;
}
