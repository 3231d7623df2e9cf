import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { cleanUp, complete, logFile, post, start } from "../server/start-server.test.fixture.ts";
import { until } from "../until.ts";
import { vllmLogLines } from "./log-lines.ts";

afterEach(cleanUp);

describe("a fault on demand", () => {
  const stream = { prompt: "x", max_tokens: 5, stream: true };

  test("is a status", async () => {
    const server = await start({ faults: { status: 503, healthStatus: 503 } });
    expect((await complete(server, stream)).status).toBe(503);
    expect((await fetch(`${server.url}/health`)).status).toBe(503);
    server.faults.set({});
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/completions"]);
    expect(server.probes.map(({ path }) => path)).toEqual(["/health", "/health"]);
  });

  test("is a broken connection, before an answer or within", async () => {
    const server = await start({ faults: { refuse: true } });
    await expect(complete(server, stream)).rejects.toThrow();
    server.faults.set({ dieAfterChunks: 2 });
    await expect(complete(server, stream).then((response) => response.text())).rejects.toThrow();
    await expect(complete(server, { prompt: "x" }).then((response) => response.text())).rejects.toThrow();
  });

  test("is silence, until the client leaves", async () => {
    const server = await start({ faults: { stallAfterChunks: 1 } });
    const leaving = new AbortController();
    const body = JSON.stringify(stream);
    const headers = { "content-type": "application/json" };
    await fetch(`${server.url}/v1/completions`, { method: "POST", headers, body, signal: leaving.signal });
    leaving.abort();
    await until(() => server.requests.some(({ abortedAt }) => abortedAt !== undefined));
    expect(server.requests).toMatchObject([{ path: "/v1/completions", completed: false }]);
  });

  test("is an error in a stream that began well", async () => {
    const server = await start();
    const set = await post(server, "/stand-in/faults", { errorAfterChunks: 1 });
    expect(await set.json()).toEqual({ errorAfterChunks: 1 });
    const response = await complete(server, stream);
    const [first, second, ...rest] = (await response.text()).split("\n\n");
    expect(response.status).toBe(200);
    expect(first).toContain('"text":"This"');
    expect(second).toContain('data: {"error":{"message"');
    expect(rest).toEqual(["data: [DONE]", ""]);
  });
});

describe("its log", () => {
  test("says in order what vLLM says, and last that it is ready", async () => {
    const file = await logFile();
    await start({ logFile: file, maxModelLen: 8192 });
    const text = await readFile(file, "utf8");
    expect(text).toMatch(
      /^\(APIServer pid=1\) INFO \d\d-\d\d \d\d:\d\d:\d\d \[api_server.py:\d+\] vLLM API server version/,
    );
    expect(text).toMatch(
      /\(EngineCore_DP0 pid=87\) INFO .*Loading weights took.*\n.*\n.*\n.*65,536 tokens\n.*per request: 8.00x/,
    );
    expect(text.endsWith("(APIServer pid=1) INFO:     Application startup complete.\n")).toBe(true);
  });

  test("is what a terminal gets, where that is asked for", async () => {
    const file = await logFile();
    const server = await start({ logFile: file, pty: true });
    await server.log(...vllmLogLines.engineDeath());
    const text = await readFile(file, "utf8");
    expect(text).toContain("\u001b[0;36m(APIServer pid=1)\u001b[0;0m INFO:     Application startup complete.\r\n");
    expect(text).toContain("EngineDeadError: EngineCore encountered an issue.");
  });
});

test("comes back on its port after it was killed", async () => {
  const file = await logFile();
  const server = await start({ logFile: file });
  await server.kill();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await server.restart();
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await readFile(file, "utf8")).split("Application startup complete.")).toHaveLength(3);
});

test("refuses connections while it loads", async () => {
  const server = await start({ startDelayMs: 50 });
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await until(() =>
    fetch(`${server.url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
});

test("closes an idle connection without a word, as uvicorn does", async () => {
  const { port } = await start({ keepAliveTimeoutMs: 20 });
  const socket = connect(port, "127.0.0.1");
  let received = "";
  let isClosed = false;
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("close", () => {
    isClosed = true;
  });
  socket.write("GET /version HTTP/1.1\r\nhost: x\r\n\r\n");
  await until(() => isClosed);
  expect(received).toContain("HTTP/1.1 200 OK");
  expect(received).not.toMatch(/^keep-alive:/im);
});
