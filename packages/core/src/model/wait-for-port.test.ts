import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { waitForPort } from "./wait-for-port.ts";

const never = new AbortController().signal;

test("resolves when something listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  let isUp = false;
  const waiting = waitForPort(new URL(`http://127.0.0.1:${port}`), never).then(() => isUp);
  await new Promise(setImmediate);
  isUp = true;
  server.listen(port, "127.0.0.1");
  expect(await waiting).toBe(true);
  server.close();
});

test("resolves when it is called off", async () => {
  const controller = new AbortController();
  const waiting = waitForPort(new URL("http://127.0.0.1:9"), controller.signal);
  controller.abort();
  await waiting;
});
