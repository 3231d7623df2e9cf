import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type ManualClock, manualClock, until } from "@pyworker/testing";
import { createGuard } from "./create-guard.ts";
import { sendWebhook, type Webhook } from "./send-webhook.ts";
import { startTestServer, type TestServer } from "./test-server.test.fixture.ts";

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A receiver that notes what it gets and then answers. */
async function receive(answer: RequestListener) {
  const deliveries: Delivery[] = [];
  const server = await startTestServer(async (request, response) => {
    const chunks = await request.toArray();
    deliveries.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
  servers.push(server);
  return { url: `${server.url}/hook?token=hidden`, deliveries };
}

const answerWith =
  (...statuses: number[]): RequestListener =>
  (_request, response) =>
    response.writeHead(statuses.shift() ?? 200).end("thanks");

function send(url: string, settings: Partial<Webhook> = {}) {
  const clock = manualClock();
  const warnings: object[] = [];
  const sending = sendWebhook({
    url,
    body: { id: "job-1", seed: 18446744073709551615n },
    id: "job-1",
    guard: createGuard({ allowLoopback: true }),
    timeoutMilliseconds: 10_000,
    log: { warn: (details) => warnings.push(details) },
    clock,
    ...settings,
  });
  return { sending, clock, warnings };
}

/** Lets a pause pass, and checks that it took just so long. */
async function pass(clock: ManualClock, milliseconds: number): Promise<void> {
  await until(() => clock.waiting === 1);
  clock.advance(milliseconds - 1);
  expect(clock.waiting).toBe(1);
  clock.advance(1);
}

describe("a webhook", () => {
  test("is posted as JSON, with the job's id and the time", async () => {
    const { url, deliveries } = await receive(answerWith(200));
    const { sending, warnings } = send(url);
    expect(await sending).toBe(true);
    expect(deliveries).toMatchObject([
      {
        headers: { "content-type": "application/json", "x-webhook-id": "job-1", "x-webhook-timestamp": "0" },
        body: '{"id":"job-1","seed":18446744073709551615}',
      },
    ]);
    expect(deliveries[0]?.headers).not.toHaveProperty("x-webhook-signature");
    expect(warnings).toEqual([]);
  });

  test("is signed over the very bytes that are sent", async () => {
    const { url, deliveries } = await receive(answerWith(204));
    expect(await send(url, { secret: "shared" }).sending).toBe(true);
    const [delivery] = deliveries;
    const expected = createHmac("sha256", "shared")
      .update(delivery?.body ?? "")
      .digest("hex");
    expect(delivery?.headers["x-webhook-signature"]).toBe(`sha256=${expected}`);
  });

  test("is tried again after 1, 2, 4 and 8 s, under the same id", async () => {
    const { url, deliveries } = await receive(answerWith(500, 503, 408, 429, 200));
    const { sending, clock } = send(url);
    for (const milliseconds of [1000, 2000, 4000, 8000]) {
      await pass(clock, milliseconds);
    }
    expect(await sending).toBe(true);
    expect(deliveries.map(({ headers }) => headers["x-webhook-id"])).toEqual(Array(5).fill("job-1"));
    expect(deliveries.map(({ headers }) => headers["x-webhook-timestamp"])).toEqual(["0", "1", "3", "7", "15"]);
  });

  test("is given up after the last try, with a warning that holds no secret", async () => {
    const { url, deliveries } = await receive(answerWith(500, 500, 502));
    const { sending, clock, warnings } = send(url, { pausesMilliseconds: [10, 20] });
    await pass(clock, 10);
    await pass(clock, 20);
    expect(await sending).toBe(false);
    expect(deliveries).toHaveLength(3);
    expect(warnings).toEqual([{ url: url.replace("?token=hidden", ""), tries: 3, reason: "answered 502" }]);
  });

  test("waits as long as it is told to, within a minute", async () => {
    const waits = ["7", "86400"];
    const { url } = await receive((_request, response) => {
      const seconds = waits.shift();
      response.writeHead(seconds === undefined ? 200 : 429, { "retry-after": seconds ?? "0" }).end();
    });
    const { sending, clock } = send(url);
    await pass(clock, 7000);
    await pass(clock, 60_000);
    expect(await sending).toBe(true);
  });

  test.each([400, 401, 404, 410, 422, 304])("is not tried again after %p", async (status) => {
    const { url, deliveries } = await receive(answerWith(status));
    const { sending, warnings } = send(url);
    expect(await sending).toBe(false);
    expect(deliveries).toHaveLength(1);
    expect(warnings).toMatchObject([{ reason: `answered ${status}` }]);
  });

  test("follows no redirect", async () => {
    const { url, deliveries } = await receive((_request, response) =>
      response.writeHead(307, { location: "/other?x" }).end(),
    );
    expect(await send(url).sending).toBe(false);
    expect(deliveries).toHaveLength(1);
  });

  test("is tried again where nobody answers", async () => {
    const server = await startTestServer(() => {});
    await server.close();
    const { sending, clock, warnings } = send(server.url, { pausesMilliseconds: [10] });
    await pass(clock, 10);
    expect(await sending).toBe(false);
    expect(warnings).toMatchObject([{ tries: 2, reason: expect.stringContaining("ECONNREFUSED") }]);
  });

  test("goes to no address that the guard forbids, and is not tried again", async () => {
    const { url, deliveries } = await receive(answerWith(200));
    const { sending, warnings } = send(url, { guard: createGuard() });
    expect(await sending).toBe(false);
    expect(deliveries).toEqual([]);
    expect(warnings).toMatchObject([{ tries: 1, reason: expect.stringContaining("loopback") }]);
  });

  test("is given up during a pause when its signal is aborted", async () => {
    const controller = new AbortController();
    const { url, deliveries } = await receive(answerWith(500));
    const { sending, clock } = send(url, { signal: controller.signal });
    await until(() => clock.waiting === 1);
    controller.abort();
    expect(await sending).toBe(false);
    expect(deliveries).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });
});
