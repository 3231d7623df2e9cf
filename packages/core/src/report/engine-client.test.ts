import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { collectLog } from "../collected-log.test.fixture.ts";
import { startTestServer, type TestServer } from "../test-server.test.fixture.ts";
import { createEngineClient } from "./engine-client.ts";

interface Address extends TestServer {
  /** What it was sent, in order. */
  readonly posts: { path: string; body: unknown }[];
}

const opened: TestServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** An engine address that answers as told. */
async function startAddress(answer: RequestListener): Promise<Address> {
  const posts: Address["posts"] = [];
  const server = await startTestServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    posts.push({ path: `${request.method} ${request.url}`, body: JSON.parse(Buffer.concat(chunks).toString() || "0") });
    answer(request, response);
  });
  opened.push(server);
  return { ...server, posts };
}

const accepts: RequestListener = (_request, response) => void response.end("{}");
const refuses: RequestListener = (_request, response) => void response.writeHead(500).end();
const hangs: RequestListener = () => {};

function setUp(addresses: readonly string[], options: { gapMilliseconds?: number; timeoutMilliseconds?: number } = {}) {
  const { lines, log } = collectLog();
  return { client: createEngineClient({ addresses, log, gapMilliseconds: 1, ...options }), lines };
}

describe("post", () => {
  test("sends JSON to the first address, and to no other once it is accepted", async () => {
    const [first, second] = [await startAddress(accepts), await startAddress(accepts)];
    const { client } = setUp([first.url, second.url]);
    expect(await client.post("worker_status", () => ({ id: 1 }))).toBe(true);
    expect(first.posts).toEqual([{ path: "POST /worker_status/", body: { id: 1 } }]);
    expect(second.posts).toEqual([]);
  });

  test.each([
    ["refuses", refuses],
    ["breaks the connection", ((_request, response) => void response.destroy()) satisfies RequestListener],
    ["never answers", hangs],
  ])("tries an address that %s three times, then the next, each time with a body of its own", async (_how, answer) => {
    const [first, second] = [await startAddress(answer), await startAddress(accepts)];
    const { client } = setUp([first.url, second.url], { timeoutMilliseconds: 100 });
    let made = 0;
    const body = () => {
      made += 1;
      return made;
    };
    expect(await client.post("worker_status", body)).toBe(true);
    expect(first.posts.map((post) => post.body)).toEqual([1, 2, 3]);
    expect(second.posts.map((post) => post.body)).toEqual([4]);
    expect(await client.post("worker_status", body)).toBe(true);
    expect(first.posts).toHaveLength(6);
  });

  test("says that nobody has accepted it where no address does, and why", async () => {
    const gone = await startAddress(accepts);
    await gone.close();
    const { client, lines } = setUp([gone.url]);
    expect(await client.post("worker_status", () => ({}))).toBe(false);
    expect(lines).toHaveLength(3);
    expect(String(lines[0]?.reason)).toContain("ECONNREFUSED");
  });

  test("follows no redirect: the POST would arrive as a GET", async () => {
    const target = await startAddress(accepts);
    const moved = await startAddress((_request, response) => {
      response.writeHead(302, { location: `${target.url}/worker_status/` }).end();
    });
    const { client } = setUp([moved.url]);
    expect(await client.post("worker_status", () => ({}))).toBe(false);
    expect(target.posts).toEqual([]);
  });

  test("takes a report for accepted that was answered 200, even if the rest of the answer is lost", async () => {
    const address = await startAddress((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).flushHeaders();
      setImmediate(() => response.destroy());
    });
    const { client } = setUp([address.url]);
    expect(await client.post("worker_status", () => ({}))).toBe(true);
    expect(address.posts).toHaveLength(1);
  });

  test("leaves out addresses that take no such posts", async () => {
    const [first, second] = [await startAddress(accepts), await startAddress(accepts)];
    const { client } = setUp([first.url, second.url]);
    expect(await client.post("delete_requests", () => ({}), { skip: [first.url] })).toBe(true);
    expect(first.posts).toEqual([]);
    expect(second.posts).toHaveLength(1);
  });

  test("has nothing to wait for where every address is left out", async () => {
    const address = await startAddress(accepts);
    const { client } = setUp([address.url]);
    expect(await client.post("delete_requests", () => ({}), { skip: [address.url] })).toBe(true);
    expect(address.posts).toEqual([]);
  });

  test("goes on to the next address without a pause", async () => {
    const [first, second] = [await startAddress(refuses), await startAddress(accepts)];
    const { log } = collectLog();
    const client = createEngineClient({
      addresses: [first.url, second.url],
      log,
      tries: 1,
      gapMilliseconds: 600_000,
    });
    expect(await client.post("worker_status", () => ({}))).toBe(true);
  });

  test.each([
    { phase: "while an address takes its time", answer: hangs },
    { phase: "between two tries", answer: refuses },
  ])("ends at once when aborted $phase", async ({ answer }) => {
    const [first, second] = [await startAddress(answer), await startAddress(accepts)];
    const { client } = setUp([first.url, second.url], { gapMilliseconds: 600_000, timeoutMilliseconds: 600_000 });
    const controller = new AbortController();
    const posted = client.post("worker_status", () => ({}), { signal: controller.signal });
    await until(() => first.posts.length === 1);
    controller.abort();
    expect(await posted).toBe(false);
    expect(first.posts).toHaveLength(1);
    expect(second.posts).toEqual([]);
  });

  test("sends nothing once aborted", async () => {
    const address = await startAddress(accepts);
    const { client } = setUp([address.url]);
    expect(await client.post("worker_status", () => ({}), { signal: AbortSignal.abort() })).toBe(false);
    expect(address.posts).toEqual([]);
  });
});
