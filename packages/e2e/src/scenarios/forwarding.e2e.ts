import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, beforeEach, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { request as httpRequest } from "undici";
import { createCleanUps } from "../harness/clean-up.ts";
import { type Model, type ModelRequest, startModel } from "../harness/start-model.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

type Answer = Parameters<typeof startModel>[0];

const cleanUp = createCleanUps();
const plain: Answer = (_request, response) => response.end("{}");
let answer: Answer = plain;
let model: Model;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startModel((request, response) => answer(request, response));
  cleanUp(() => model.stop());
  worker = await startWorker({
    program: "every-feature",
    modelUrl: model.url,
    env: { MODEL_API_KEY: "model-key", LOG_LEVEL: "trace" },
  });
  cleanUp(() => worker.stop());
  await worker.log("LOADED");
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
});

beforeEach(() => {
  answer = plain;
});

const last = (): ModelRequest | undefined => model.requests.at(-1);

verifies(["forward/bytes"], "passes an unchanged payload on byte for byte", async () => {
  const payloads = [
    '{"seed": 9223372036854775807, "text":"\\u00e9\\ud83d\\ude00 é",\n "f": 1.0, "e":1E5, "d":{"a":[ ]}}',
    "{ }",
    `{"long":"${"x".repeat(300_000)}"}`,
    '{"__proto__":{"a":1},"a":1,"a":2}',
  ];
  const auth = JSON.stringify(worker.authData());
  for (const payload of payloads) {
    for (const body of [
      `{"auth_data":${auth},"payload":${payload}}`,
      `{"payload" : ${payload} ,"auth_data":${auth}}`,
    ]) {
      expect((await worker.post("/parallel", body)).status).toBe(200);
      expect(last()?.body.toString()).toBe(payload);
    }
  }
});

verifies(["forward/integers", "forward/transform"], "keeps 64-bit integers in a payload that it changes", async () => {
  const auth = JSON.stringify(worker.authData());
  const payload = '{"seed":9223372036854775807,"deep":[{"other":-12345678901234567890}],"small":7,"half":0.5}';
  await worker.post("/transform", `{"auth_data":${auth},"payload":${payload}}`);
  expect(last()?.body.toString()).toBe(`${payload.slice(0, -1)},"added":true}`);
});

verifies(
  ["forward/request-headers", "D24"],
  "gives the model what it needs, and none of the client's credentials",
  async () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      traceparent: trace,
      tracestate: "a=b",
      authorization: "Bearer client-secret",
      cookie: "session=client-secret",
      "x-api-key": "client-secret",
      "x-forwarded-for": "1.2.3.4",
    };
    const body = { auth_data: worker.authData(), payload: {} };
    await worker.post("/parallel?api_key=client-secret", body, { headers });
    expect(last()?.url).toBe("/parallel");
    expect(last()?.headers).toEqual({
      host: new URL(model.url).host,
      connection: "keep-alive",
      "content-length": "2",
      "content-type": "application/json",
      accept: "text/event-stream",
      traceparent: trace,
      tracestate: "a=b",
      authorization: "Bearer model-key",
    });
  },
);

verifies(["forward/response-headers", "D23"], "gives the client all but the hop-by-hop headers", async () => {
  answer = (_request, response) => {
    const headers = {
      "content-type": "text/event-stream; charset=utf-8",
      "x-request-id": "7",
      "set-cookie": ["a=1", "b=2"],
      "keep-alive": "timeout=5",
      "x-hop": "only here",
      connection: "keep-alive, x-hop",
    };
    response.writeHead(202, headers).end("data: 1\n\n");
  };
  const response = await worker.send("/parallel", {});
  expect(response.status).toBe(202);
  expect(await response.text()).toBe("data: 1\n\n");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("x-request-id")).toBe("7");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(response.headers.get("x-hop")).toBeNull();
});

verifies(["forward/encoding", "D23"], "leaves an encoded answer as it is", async () => {
  const packed = gzipSync('{"answer":42}');
  answer = (_request, response) => {
    response
      .writeHead(200, {
        "content-type": "application/json",
        "content-encoding": "gzip",
        "content-length": packed.length,
      })
      .end(packed);
  };
  const { body, headers } = await httpRequest(`${worker.url}/parallel`, {
    method: "POST",
    body: JSON.stringify({ auth_data: worker.authData(), payload: {} }),
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  expect(headers).toMatchObject({ "content-encoding": "gzip", "content-length": String(packed.length) });
  expect(gunzipSync(bytes).toString()).toBe('{"answer":42}');
});

verifies(["forward/stream"], "passes each chunk on before the next one is made", async () => {
  let goOn = () => {};
  answer = async (_request, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
    for (let line = 0; line < 3; line += 1) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      response.write(`{"line":${line}}\n`);
    }
    response.end();
  };
  // The head comes before the first line, and each line before the model is told to write the next.
  const response = await worker.send("/parallel", {});
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let line = 0; line < 3; line += 1) {
    goOn();
    expect((await reader?.read())?.value).toBe(`{"line":${line}}\n`);
  }
  expect((await reader?.read())?.done).toBe(true);
});

verifies(["forward/back-pressure"], "slows the model down to a client that reads slowly", async () => {
  const chunk = Buffer.alloc(64 * 1024, "x");
  const total = 200 * 1024 * 1024;
  let written = 0;
  answer = async (_request, response) => {
    response.setMaxListeners(0);
    for (written = 0; written < total && !response.destroyed; written += chunk.length) {
      if (!response.write(chunk)) {
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
      }
    }
    response.end();
  };
  const { body } = await httpRequest(`${worker.url}/parallel`, {
    method: "POST",
    body: JSON.stringify({ auth_data: worker.authData(), payload: {} }),
  });
  let before = -1;
  // Nobody reads: the model must come to a halt long before it has written everything.
  await until(() => {
    const isHalted = written > 0 && written === before;
    before = written;
    return isHalted ? new Promise<boolean>((resolve) => setTimeout(() => resolve(written === before), 300)) : false;
  });
  expect(written).toBeLessThan(total / 4);
  const received = (await body.arrayBuffer()).byteLength;
  expect(received).toBe(total);
});

verifies(["forward/no-cap", "D16"], "lets more than a hundred requests reach the model at once", async () => {
  const waiting: (() => void)[] = [];
  answer = (_request, response) => waiting.push(() => response.end("{}"));
  const sent = Array.from({ length: 150 }, () => worker.send("/parallel", {}));
  await until(() => waiting.length === 150, { what: () => `150 at the model, got ${waiting.length}` });
  for (const goOn of waiting) {
    goOn();
  }
  expect((await Promise.all(sent)).every(({ ok }) => ok)).toBe(true);
});

verifies(["forward/kept-alive", "D17"], "uses a connection again", async () => {
  let connections = 0;
  model.server.on("connection", () => {
    connections += 1;
  });
  for (let time = 0; time < 10; time += 1) {
    await (await worker.send("/parallel", {})).text();
  }
  expect(connections).toBeLessThanOrEqual(1);
});

verifies(
  ["forward/unreachable"],
  "answers 502 when the model breaks off before its first byte, and asks it only once",
  async () => {
    answer = (_request, response) => response.destroy();
    const seen = model.requests.length;
    const response = await worker.send("/parallel", {});
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ error: expect.stringContaining("the model server did not answer") });
    expect(model.requests).toHaveLength(seen + 1);
  },
);

verifies(["forward/model-error"], "passes the model's own errors on", async () => {
  for (const status of [400, 404, 422, 429, 500, 503]) {
    answer = (_request, response) => {
      response.writeHead(status, { "content-type": "application/problem+json" }).end(`{"status":${status}}`);
    };
    const response = await worker.send("/parallel", {});
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.text()).toBe(`{"status":${status}}`);
  }
});

verifies(
  ["forward/secrets", "D18"],
  "logs no prompt, no key, no signature and no query, even at trace level",
  async () => {
    const auth = worker.authData();
    const headers = { authorization: "Bearer log-secret-1", cookie: "log-secret-2" };
    const route = "/parallel?api_key=log-secret-3";
    await worker.post(route, { auth_data: auth, payload: { prompt: "log-secret-4" } }, { headers });
    await worker.post(route, { auth_data: { ...auth, signature: "log-secret-5" }, payload: {} }, { headers });
    await worker.post("/nowhere?api_key=log-secret-6", "log-secret-7", { headers });
    answer = (_request, response) => response.destroy();
    await worker.post(route, { auth_data: auth, payload: { prompt: "log-secret-8" } }, { headers });
    const output = worker.process.output();
    expect(output).toContain("signature refused");
    expect(output).not.toContain("log-secret");
    expect(output).not.toContain(auth.signature);
    expect(output).not.toContain("master-token");
    expect(output).not.toContain("model-key");
  },
);
