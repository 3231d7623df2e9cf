import { createServer } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { systemClock } from "@pyworker/core";
import { until } from "@pyworker/testing";
import { type WebSocket, WebSocketServer } from "ws";
import { type ComfySocketOptions, openComfySocket } from "./comfy-socket.ts";
import { defaultRunLimits } from "./run-limits.ts";
import type { SocketMessage } from "./socket-message.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUps.splice(0).reverse()) {
    await undo();
  }
});

/** A server for sockets only, and what it has heard. */
async function listen() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const accepted: { socket: WebSocket; path: string | undefined; origin: string | undefined; heard: string[] }[] = [];
  server.on("connection", (socket, { headers, url }) => {
    const heard: string[] = [];
    accepted.push({ socket, path: url, origin: headers.origin, heard });
    socket.on("message", (data) => heard.push(String(data)));
    socket.on("ping", () => heard.push("ping"));
    socket.send('{"type": "status", "data": {}}');
  });
  await new Promise((resolve) => server.once("listening", resolve));
  cleanUps.push(() => server.close());
  const address = server.address();
  return { accepted, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

function open(
  url: string,
  { limits, ...options }: Partial<Omit<ComfySocketOptions, "limits">> & { limits?: object } = {},
) {
  const messages: SocketMessage[] = [];
  let drops = 0;
  const socket = openComfySocket({
    url,
    clientId: "client",
    previews: false,
    clock: systemClock,
    limits: { ...defaultRunLimits, reconnect: 10, ...limits },
    onMessage: (message) => messages.push(message),
    onDrop: () => {
      drops += 1;
    },
    ...options,
  });
  cleanUps.push(socket.close);
  return { socket, messages, drops: () => drops };
}

test("is greeted, under its client id and without an origin", async () => {
  const { accepted, url } = await listen();
  await open(url).socket.greeted;
  expect(accepted).toMatchObject([{ path: "/ws?clientId=client", origin: undefined, heard: [] }]);
});

test("says first that it takes previews with metadata, where previews are welcome", async () => {
  const { accepted, url } = await listen();
  open(url, { previews: true });
  await until(() => accepted[0]?.heard.length === 1);
  expect(accepted[0]?.heard).toEqual(['{"type":"feature_flags","data":{"supports_preview_metadata":true}}']);
});

test("waits for no greeting where none can come, and keeps trying in silence", async () => {
  let asked = 0;
  const refusing = createServer((_request, response) => response.writeHead(503).end());
  refusing.on("upgrade", (_request, socket) => {
    asked += 1;
    socket.end("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => refusing.close());
  const address = refusing.address();
  const { drops, socket } = open(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  await socket.greeted;
  await until(() => asked >= 3);
  expect(drops()).toBe(0);
});

test("opens again when it has dropped, under the same client id", async () => {
  const { accepted, url } = await listen();
  const { drops, messages } = open(url);
  await until(() => messages.length === 1);
  accepted[0]?.socket.terminate();
  await until(() => messages.length === 2);
  expect(accepted.map(({ path }) => path)).toEqual(["/ws?clientId=client", "/ws?clientId=client"]);
  expect(drops()).toBe(1);
});

test("opens again when nothing comes for long, and never has two at once", async () => {
  const { accepted, url } = await listen();
  open(url, { limits: { silence: 50 } });
  await until(() => accepted.length >= 3);
  expect(accepted.slice(0, -1).map(({ socket }) => socket.readyState)).not.toContain(1);
});

test("stays open while something comes", async () => {
  const { accepted, url } = await listen();
  const { messages } = open(url, { limits: { silence: 200 } });
  await until(() => messages.length === 1);
  const end = performance.now() + 500;
  await until(() => {
    accepted[0]?.socket.send('{"type": "status"}');
    return performance.now() > end;
  });
  expect(accepted).toHaveLength(1);
});

test("pings, so that the connection stays in use", async () => {
  const { accepted, url } = await listen();
  open(url, { limits: { ping: 10 } });
  await until(() => accepted[0]?.heard.filter((word) => word === "ping").length === 3);
});

test("survives a message that is larger than any of ComfyUI's, and what makes no sense", async () => {
  const { accepted, url } = await listen();
  const { messages } = open(url);
  await until(() => messages.length === 1);
  accepted[0]?.socket.send("{");
  accepted[0]?.socket.send(Buffer.alloc(33 * 1024 * 1024));
  await until(() => messages.length === 2);
  expect(accepted).toHaveLength(2);
});

test("is closed for good", async () => {
  const { accepted, url } = await listen();
  const { drops, messages, socket } = open(url);
  await until(() => messages.length === 1);
  await socket.close();
  await until(() => accepted[0]?.socket.readyState === 3);
  expect(drops()).toBe(0);
});
