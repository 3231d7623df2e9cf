import { createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { waitForPort } from "./wait-for-port.ts";

/** A port that nobody listens on, and a way to change that. */
async function freePort(host: string) {
  const server = createServer((socket) => socket.destroy());
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, host, resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await close();
  return { port, listen: () => listen(port), close };
}

describe("waitForPort", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
    ["127.0.0.1", "localhost"],
  ])("waits until somebody listens on %s", async (host, hostname) => {
    const { close, listen, port } = await freePort(host);
    let isOpen = false;
    const waited = waitForPort(new URL(`http://${hostname}:${port}/base`), new AbortController().signal).then(() => {
      expect(isOpen).toBe(true);
    });
    isOpen = true;
    await listen();
    await waited;
    await close();
  });

  test("ends when aborted, without a failure", async () => {
    const { port } = await freePort("127.0.0.1");
    const controller = new AbortController();
    const waited = waitForPort(new URL(`http://127.0.0.1:${port}`), controller.signal);
    controller.abort();
    await waited;
    await waitForPort(new URL(`http://127.0.0.1:${port}`), controller.signal);
  });
});
