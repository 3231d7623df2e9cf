import { once } from "node:events";
import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { WebSocket, WebSocketServer } from "ws";
import { createCleanUps } from "../harness/clean-up.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
let model: Model;
let sockets: WebSocketServer;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startModel(({ body, method, url }, response) => {
    response.writeHead(200, { "x-model": "yes" }).end(`${method} ${url} ${body.length}`);
  });
  sockets = new WebSocketServer({ server: model.server });
  sockets.on("connection", (socket, { headers, url }) => {
    socket.send(JSON.stringify({ url, auth: headers["x-serverless-auth"] ?? null }));
    socket.on("message", (message) => socket.send(`echo ${message}`));
  });
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.log("LOADED");
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
});

const signedHeader = () => ({
  "x-serverless-auth": Buffer.from(JSON.stringify(worker.authData())).toString("base64url"),
});

const signedQuery = () =>
  Object.entries(worker.authData())
    .map(([name, value]) => `serverless_${name}=${encodeURIComponent(value)}`)
    .join("&");

verifies(
  ["passthrough/signed", "D24"],
  "passes what is signed by header or query, and cuts the signature off",
  async () => {
    const headers = { ...signedHeader(), authorization: "Bearer client-secret", cookie: "a=b", range: "bytes=0-3" };
    const byHeader = await fetch(`${worker.url}/view?name=a.png&api_key=secret`, { headers });
    expect(await byHeader.text()).toBe("GET /view?name=a.png 0");
    expect(byHeader.headers.get("x-model")).toBe("yes");
    const seen = JSON.stringify(model.requests.at(-1)?.headers);
    expect(seen).toContain("bytes=0-3");
    expect(seen).not.toMatch(/secret|x-serverless-auth|cookie|signature/);
    const byQuery = await fetch(`${worker.url}/files/a/b.png?x=1&${signedQuery()}&y=2`);
    expect(await byQuery.text()).toBe("GET /files/a/b.png?x=1&y=2 0");
    const upload = await fetch(`${worker.url}/upload`, {
      method: "POST",
      headers: signedHeader(),
      body: Buffer.alloc(3_000_000),
    });
    expect(await upload.text()).toBe("POST /upload 3000000");
  },
);

verifies(["passthrough/signed", "auth/own-url"], "refuses what is not signed for this worker", async () => {
  const before = model.requests.length;
  const foreign = Buffer.from(JSON.stringify(worker.engine.signer.authData("http://10.0.0.1:1"))).toString("base64url");
  const statuses = await Promise.all(
    [{}, { "x-serverless-auth": "junk" }, { "x-serverless-auth": foreign }, { "x-serverless-auth": "e30" }].map(
      async (headers) => (await fetch(`${worker.url}/view`, { headers: headers as Record<string, string> })).status,
    ),
  );
  expect(statuses).toEqual([401, 422, 401, 422]);
  expect(model.requests).toHaveLength(before);
});

verifies(["passthrough/only-named"], "passes nothing that no handler names", async () => {
  const before = model.requests.length;
  const headers = signedHeader();
  const cases: [method: string, path: string][] = [
    ["GET", "/viewer"],
    ["GET", "/view/"],
    ["GET", "/files"],
    ["GET", "/prompt"],
    ["GET", "/files/%2e%2e/prompt"],
    ["GET", "/files/..%2fprompt"],
    ["GET", "/files//x"],
    ["PUT", "/view"],
    ["POST", "/view"],
    ["DELETE", "/files/a"],
    ["GET", "/ws"],
  ];
  for (const [method, path] of cases) {
    expect([method, path, (await fetch(worker.url + path, { method, headers })).status]).toEqual([method, path, 404]);
  }
  expect(model.requests).toHaveLength(before);
});

verifies(["passthrough/workload"], "counts a passed request with its route's workload", async () => {
  const served = () => worker.metric("pyworker_workload_total", { outcome: "success" });
  const before = await served();
  await (await fetch(`${worker.url}/view`, { headers: signedHeader() })).text();
  await until(async () => (await served()) === before + 7);
});

verifies(["passthrough/websocket", "D24"], "passes WebSockets, signed and counted while they are open", async () => {
  const socket = new WebSocket(`${worker.url.replace("http", "ws")}/ws?clientId=7&${signedQuery()}`);
  const [first] = await once(socket, "message");
  expect(JSON.parse(String(first))).toEqual({ url: "/ws?clientId=7", auth: null });
  socket.send("hello");
  expect(String((await once(socket, "message"))[0])).toBe("echo hello");
  expect(await worker.metric("pyworker_requests_in_progress")).toBe(1);
  socket.close();
  await once(socket, "close");
  await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
  await until(() => sockets.clients.size === 0);
});

verifies(["passthrough/websocket"], "refuses WebSockets that are not signed or not named", async () => {
  const refusal = async (path: string): Promise<number | undefined> => {
    const socket = new WebSocket(worker.url.replace("http", "ws") + path);
    socket.on("error", () => undefined);
    const [, response] = await once(socket, "unexpected-response");
    return response.statusCode;
  };
  expect(await refusal("/ws")).toBe(401);
  expect(await refusal(`/other?${signedQuery()}`)).toBe(404);
  expect(await refusal(`/view?${signedQuery()}`)).toBe(404);
  expect(sockets.clients.size).toBe(0);
});
