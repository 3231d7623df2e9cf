import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { cancel, generate, generateLater, inStatus, resultOf, stream } from "../harness/comfyui/job-client.ts";
import {
  type ComfyuiUnderTest,
  type ComfyuiWorkerSettings,
  modes,
  startComfyuiWorker,
} from "../harness/comfyui/start-comfyui-worker.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../harness/comfyui/webhook-receiver.ts";
import { endless, type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { freePorts } from "../harness/free-ports.ts";
import { askSession, openSession } from "../harness/session-client.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { verifies } from "../harness/verifies.ts";
import { said, statusAfter } from "../harness/wait-for.ts";

const cleanUp = createCleanUps();
let receiver: WebhookReceiver;
let inside: Model;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  cleanUp(() => receiver.stop());
  inside = await startModel((_, response) => response.end());
  cleanUp(() => inside.stop());
});

const allowed = () => ({ WEBHOOK_ALLOWED_HOSTS: receiver.host });

async function start(settings: Pick<ComfyuiWorkerSettings, "mode" | "env">): Promise<ComfyuiUnderTest> {
  const under = await startComfyuiWorker({ standInOnly: true, ...settings });
  cleanUp(() => under.stop());
  return under;
}

/** How a job is asked for; resolves once its client knows that it has ended. */
const ways: Readonly<Record<string, (under: ComfyuiUnderTest, made: Workflow, more: object) => Promise<unknown>>> = {
  "/generate/sync": ({ worker }, made, more) => generate(worker, made, { ...more }),
  "/generate": async ({ worker }, made, more) => {
    const id = await generateLater(worker, made, { ...more });
    await until(async () => /completed|failed|cancelled/.test((await resultOf(worker, id)).body.status));
  },
  "/generate/stream": async ({ worker }, made, more) => {
    for await (const { status } of stream(worker, made, { ...more })) {
      if (status === "final_result") {
        return;
      }
    }
  },
};

/** Waits for a job to run that there isn't yet. */
function nextRunning({ comfyui }: ComfyuiUnderTest): Promise<boolean> {
  const before = comfyui.jobs.length;
  return until(() => comfyui.jobs[before]?.state === "running", { what: () => "a job that runs" });
}

const failing = (): Workflow => ({
  "1": { class_type: "StandInSlow", inputs: { steps: 1, fail: "error", seed: Date.now() } },
  "2": { class_type: "SaveImage", inputs: { images: ["1", 0], filename_prefix: "failing" } },
});

const signatureOf = (raw: Buffer, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(raw).digest("hex")}`;

/** A path that nobody else calls. */
const newPath = (answer: string): string => `/${answer}/${randomUUID()}`;

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode, standInOnly: true, env: allowed() });
  });
  afterAll(() => under.stop());

  for (const [route, run] of Object.entries(ways)) {
    verifies(["comfyui/webhook"], `tells of a job of ${route} that it is done`, async () => {
      const path = newPath("taken");
      const request_id = randomUUID();
      const extra_params = { order: 7, nested: { a: [1] }, status: "forged" };
      await run(under, workflow("image"), { request_id, webhook: { url: receiver.url + path, extra_params } });
      const { body, headers } = await receiver.called(path);
      expect(body).toMatchObject({
        ...{ id: request_id, status: "completed", message: "Processing complete.", order: 7, nested: { a: [1] } },
        output: [{ type: "output", filename: expect.stringMatching(/\.png$/) }],
        timings: { total_ms: expect.any(Number) },
        extra: extra_params,
      });
      expect(body).not.toHaveProperty("error");
      expect(headers["content-type"]).toBe("application/json");
      expect(headers).not.toHaveProperty("x-webhook-signature");
      const { body: result } = await resultOf(under.worker, request_id);
      expect(body.output).toEqual(result.output);
    });

    verifies(["comfyui/webhook-failure"], `tells of a job of ${route} that has failed`, async () => {
      const path = newPath("taken");
      await run(under, failing(), { webhook: { url: receiver.url + path } });
      const { body } = await receiver.called(path);
      expect(body).toMatchObject({
        status: "failed",
        output: [],
        message: expect.stringMatching(/^Generation failed/),
      });
      expect(body).not.toHaveProperty("extra");
      if (mode === "direct") {
        expect(body.error).toMatchObject({ type: "execution_error", message: expect.any(String) });
      }
    });

    verifies(["comfyui/webhook-cancel"], `tells of a job of ${route} that is cancelled`, async () => {
      const path = newPath("taken");
      const request_id = randomUUID();
      const begun = nextRunning(under);
      const ended = run(under, endless(), { request_id, webhook: { url: receiver.url + path } });
      await begun;
      await cancel(under.worker, request_id);
      await ended;
      expect((await receiver.called(path)).body).toMatchObject({ id: request_id, status: "cancelled", output: [] });
    });
  }

  verifies(["comfyui/webhook-cancel"], "tells of a job that its client has left", async () => {
    const path = newPath("taken");
    const request_id = randomUUID();
    const leaving = new AbortController();
    const more = { request_id, webhook: { url: receiver.url + path } };
    const begun = nextRunning(under);
    const left = generate(under.worker, endless(), more, { signal: leaving.signal }).catch(() => "left");
    await begun;
    leaving.abort();
    expect(await left).toBe("left");
    expect((await receiver.called(path)).body).toMatchObject({ id: request_id, status: "cancelled" });
  });

  verifies(["comfyui/webhook-signed"], "signs the very bytes with the request's secret", async () => {
    const path = newPath("taken");
    const webhook = { url: receiver.url + path, secret: "the request's", extra_params: { text: "ü €" } };
    await generate(under.worker, workflow("image"), { webhook });
    const { headers, raw } = await receiver.called(path);
    expect(headers["x-webhook-signature"]).toBe(signatureOf(raw, "the request's"));
  });

  verifies(["comfyui/webhook-retry"], "calls again where the receiver is busy", async () => {
    const path = newPath("busy-once");
    const { body } = await generate(under.worker, workflow("image"), { webhook: { url: receiver.url + path } });
    await receiver.called(path, 2);
    const calls = receiver.calls(path);
    expect(calls.map(({ headers }) => headers["x-webhook-id"])).toEqual([body.id, body.id]);
    expect(calls[0]?.raw.equals(calls[1]?.raw ?? Buffer.alloc(0))).toBe(true);
  });

  verifies(["comfyui/webhook-retry"], "calls no more where the receiver refuses, and follows no redirect", async () => {
    for (const answer of ["wrong", "elsewhere"]) {
      const path = newPath(answer);
      const { status } = await generate(under.worker, workflow("image"), { webhook: { url: receiver.url + path } });
      expect(status).toBe(200);
      await said(under.worker, path);
      expect(receiver.calls(path)).toHaveLength(1);
    }
    expect(receiver.calls("/taken/elsewhere")).toHaveLength(0);
  });

  verifies(["comfyui/webhook-guard"], "calls nothing on the inside", async () => {
    const { port } = new URL(inside.url);
    const hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254"];
    for (const host of hosts) {
      const path = newPath("inside");
      const url = `http://${host}:${port}${path}`;
      const { status } = await generate(under.worker, workflow("image"), { webhook: { url } });
      expect(status).toBe(200);
      await said(under.worker, path);
    }
    expect(inside.requests).toHaveLength(0);
  });

  verifies(["comfyui/webhook-session"], "may end the session that its job belongs to", async () => {
    const { worker } = under;
    const session = await openSession(worker);
    const url = `http://localhost:${new URL(worker.internalUrl).port}/session/end`;
    const extra_params = { session_id: session.id, session_auth: session.auth };
    const answer = await generate(
      worker,
      workflow("image"),
      { webhook: { url, extra_params } },
      { auth: session.auth, sessionId: session.id },
    );
    expect(answer.status).toBe(200);
    await until(async () => (await askSession(worker, "get", session)).status !== 200);
  });

  verifies(["comfyui/webhook-load"], "a slow receiver is no load, and holds no job up", async () => {
    const { engine } = under.worker;
    const path = newPath("held");
    const told = generateLater(under.worker, workflow("image"), { webhook: { url: receiver.url + path } });
    await receiver.called(path);
    const { body } = await resultOf(under.worker, await told);
    expect(body.status).toBe("completed");
    await statusAfter(
      engine,
      () => undefined,
      ({ cur_load, num_requests_working }) => cur_load === 0 && num_requests_working === 1,
    );
    expect((await generate(under.worker, workflow("image"))).status).toBe(200);
    expect(receiver.calls(path)).toHaveLength(1);
    receiver.letGo();
    await statusAfter(
      engine,
      () => undefined,
      ({ num_requests_working }) => num_requests_working === 0,
    );
  });
});

describe.each(modes)("the environment's webhook in %s mode", (mode) => {
  verifies(
    ["comfyui/webhook-environment"],
    "is called of any job by the worker, or by the wrapper if there is one",
    async () => {
      const path = newPath("taken");
      const other = newPath("taken");
      const env = { ...allowed(), WEBHOOK_URL: receiver.url + path, WEBHOOK_SECRET: "the worker's" };
      const under = await start({ mode, env });
      const silent = await generate(under.worker, workflow("image"), { webhook: false });
      const { body } = await generate(under.worker, workflow("image"), {
        webhook: { url: "", extra_params: {}, secret: "" },
      });
      await generate(under.worker, workflow("image"), { webhook: { url: receiver.url + other } });
      const elsewhere = await receiver.called(other);
      expect(elsewhere.headers["x-webhook-signature"]).toBe(signatureOf(elsewhere.raw, "the worker's"));
      if (mode === "wrapper") {
        expect(receiver.calls(path)).toEqual([]);
        return;
      }
      const { body: told, headers, raw } = await receiver.called(path);
      expect([told.id, told.id === silent.body.id]).toEqual([body.id, false]);
      expect(headers["x-webhook-signature"]).toBe(signatureOf(raw, "the worker's"));
      expect(receiver.calls(path)).toHaveLength(1);
    },
  );
});

verifies(["comfyui/webhook-retry"], "calls again where nobody listened", async () => {
  const { port } = await freePorts();
  const under = await start({ mode: "direct", env: { WEBHOOK_ALLOWED_HOSTS: `127.0.0.1:${port}` } });
  const webhook = { url: `http://127.0.0.1:${port}/late` };
  const id = await generateLater(under.worker, workflow("image"), { webhook });
  await inStatus(under.worker, id, "completed");
  const calls: string[] = [];
  const late = createServer((request, response) => {
    calls.push(request.url ?? "");
    response.end();
  }).listen(port, "127.0.0.1");
  cleanUp(() => new Promise((resolve) => late.close(resolve)));
  await until(() => calls.length > 0);
  expect(calls).toEqual(["/late"]);
});

verifies(["comfyui/webhook-stop"], "a worker that stops finishes its calls first, retries with them", async () => {
  const under = await start({ mode: "direct", env: allowed() });
  const path = newPath("busy-once");
  await generate(under.worker, workflow("image"), { webhook: { url: receiver.url + path } });
  await receiver.called(path);
  expect(await under.worker.process.stop("SIGTERM")).toBe(0);
  expect(receiver.calls(path)).toHaveLength(2);
});

verifies(["comfyui/webhook-stop"], "but no longer than it may", async () => {
  const under = await start({ mode: "direct", env: { ...allowed(), DRAIN_SECONDS: "1" } });
  const path = newPath("held");
  await generate(under.worker, workflow("image"), { webhook: { url: receiver.url + path } });
  await receiver.called(path);
  const stoppedAt = performance.now();
  await under.worker.process.stop("SIGTERM");
  const seconds = (performance.now() - stoppedAt) / 1000;
  expect(seconds).toBeGreaterThan(0.9);
  expect(seconds).toBeLessThan(10);
  receiver.letGo();
});
