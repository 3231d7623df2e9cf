import type { RequestListener } from "node:http";
import type { LookupFunction } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createGuard, type GuardOptions } from "./create-guard.ts";
import { FetchError } from "./fetch-error.ts";
import { type GuardedRequest, guardedFetch } from "./guarded-fetch.ts";
import { startTestServer, type TestServer } from "./test-server.test.fixture.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const serve = async (listener: RequestListener): Promise<TestServer> => {
  const server = await startTestServer(listener);
  servers.push(server);
  return server;
};

const resolveAllTo =
  (...addresses: string[]): LookupFunction =>
  (_name, _settings, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

interface Settings extends GuardOptions, Partial<Omit<GuardedRequest, "guard">> {}

const get = (url: string, { allowLoopback = true, allowPrivate, allowedHosts, lookup, ...request }: Settings = {}) =>
  guardedFetch(url, {
    guard: createGuard({ allowLoopback, allowPrivate, allowedHosts, lookup }),
    maxBytes: 1000,
    timeoutMilliseconds: 10_000,
    ...request,
  });

const fails = async (fetching: Promise<unknown>): Promise<FetchError> => {
  const error = await fetching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FetchError) {
    return error;
  }
  throw new Error(`expected a FetchError, and not ${String(error)}`);
};

describe("a guarded fetch", () => {
  test("returns status, type and body", async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(404, { "content-type": "text/plain" }).end("none"),
    );
    const { status, contentType, body } = await get(url);
    expect({ status, contentType, body: body.toString() }).toEqual({
      status: 404,
      contentType: "text/plain",
      body: "none",
    });
  });

  test("posts a body with headers", async () => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      request.on("data", (chunk) => seen.push(request.method, request.headers["x-id"], String(chunk)));
      request.on("end", () => response.end());
    });
    await get(url, { method: "POST", body: Buffer.from("hello"), headers: { "x-id": "7" } });
    expect(seen).toEqual(["POST", "7", "hello"]);
  });

  test.each([
    ["ftp://example.com/a", /only http and https are allowed, and not ftp/],
    ["file:///etc/passwd", /only http and https/],
    ["http://user:secret@example.com/", /user name or password/],
    ["nonsense", /no URL/],
  ])("refuses %s", async (url, message) => {
    const error = await fails(get(url));
    expect(error.fault).toBe("refused");
    expect(error.message).toMatch(message);
  });

  test.each([
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://0.0.0.0:PORT/",
    "http://localhost:PORT/",
  ])("refuses %s and asks it nothing", async (template) => {
    let requests = 0;
    const { port } = await serve(() => {
      requests += 1;
    });
    const error = await fails(get(template.replace("PORT", String(port)), { allowLoopback: false }));
    expect(error.fault).toBe("refused");
    expect(error.message).toMatch(/not allowed \((loopback|unspecified)\)/);
    expect(requests).toBe(0);
  });

  test("refuses a public name that resolves to this machine", async () => {
    const { port } = await serve((_request, response) => response.end("inside"));
    const lookup = resolveAllTo("127.0.0.1");
    const error = await fails(get(`http://example.com:${port}/`, { allowLoopback: false, lookup }));
    expect(error).toMatchObject({
      fault: "refused",
      message: "example.com is at an address that is not allowed (loopback)",
    });
  });

  test("of a name's addresses, connects to an allowed one only", async () => {
    const { port } = await serve((_request, response) => response.end("reached"));
    const lookup = resolveAllTo("10.0.0.1", "127.0.0.1");
    const { body } = await get(`http://example.com:${port}/`, { lookup });
    expect(body.toString()).toBe("reached");
  });

  test("an IPv6 address is allowed as it stands in a URL, with its port or without", async () => {
    const settings = { allowLoopback: false, allowedHosts: ["[::1]:1"] };
    expect((await fails(get("http://[::1]:1/", settings))).fault).toBe("unreachable");
    expect((await fails(get("http://[::1]:2/", settings))).fault).toBe("refused");
    expect((await fails(get("http://[::1]:2/", { ...settings, allowedHosts: ["[::1]"] }))).fault).toBe("unreachable");
  });

  test("reaches an allowed host whatever its address, on the port that was named", async () => {
    const { port } = await serve((_request, response) => response.end("ours"));
    const settings = { allowLoopback: false, allowedHosts: [`LOCALHOST:${port}`] };
    expect((await get(`http://localhost:${port}/`, settings)).body.toString()).toBe("ours");
    expect((await fails(get(`http://127.0.0.1:${port}/`, settings))).fault).toBe("refused");
    expect((await fails(get(`http://localhost:${port + 1}/`, settings))).fault).toBe("refused");
  });

  test("follows redirects", async () => {
    const { url } = await serve(({ url: path }, response) =>
      path === "/a" ? response.writeHead(302, { location: "/b" }).end() : response.end(`at ${path}`),
    );
    const answer = await get(`${url}/a`);
    expect([answer.body.toString(), answer.url.pathname]).toEqual(["at /b", "/b"]);
  });

  test("refuses a redirect to this machine", async () => {
    const inside = await serve((_request, response) => response.end("inside"));
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/?secret` }).end(),
    );
    const settings = { allowLoopback: false, allowedHosts: [`localhost:${port}`] };
    const error = await fails(get(`http://localhost:${port}/`, settings));
    expect(error).toMatchObject({
      fault: "refused",
      message: "127.0.0.1 is at an address that is not allowed (loopback)",
    });
  });

  test.each([["ftp://127.0.0.1/"], ["http://a:b@127.0.0.1/"]])("refuses a redirect to %s", async (location) => {
    const { url } = await serve((_request, response) => response.writeHead(302, { location }).end());
    expect((await fails(get(url))).fault).toBe("refused");
  });

  test("gives up a chain of redirects", async () => {
    let requests = 0;
    const { url } = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: "/again?secret" }).end();
    });
    const error = await fails(get(url, { maxRedirects: 2 }));
    expect(error.fault).toBe("redirected");
    expect(error.message).not.toContain("secret");
    expect(requests).toBe(3);
  });

  test("follows no redirect with a POST", async () => {
    const { url } = await serve((_request, response) => response.writeHead(307, { location: "/b" }).end());
    expect((await fails(get(url, { method: "POST", body: Buffer.from("{}") }))).fault).toBe("redirected");
  });

  test("keeps headers from another origin", async () => {
    const seen: unknown[] = [];
    const other = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end();
    });
    const { url } = await serve(({ headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(302, { location: other.url }).end();
    });
    await get(url, { headers: { authorization: "secret" } });
    expect(seen).toEqual(["secret", undefined]);
  });

  test("refuses a body whose length says that it is too large, without reading it", async () => {
    const { url } = await serve((_request, response) => response.writeHead(200, { "content-length": 1001 }).write("x"));
    expect(await fails(get(url))).toMatchObject({ fault: "too_large", message: expect.stringContaining("1000 bytes") });
  });

  test("stops reading a body without end, and hangs up", async () => {
    let isGone = false;
    const { url } = await serve((_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(100)));
      };
      response.on("drain", write).on("close", () => {
        isGone = true;
      });
      write();
    });
    expect((await fails(get(url))).fault).toBe("too_large");
    await until(() => isGone);
  });

  test("takes a body of just the size that is allowed", async () => {
    const { url } = await serve((_request, response) => response.end(Buffer.alloc(1000)));
    expect((await get(url)).body).toHaveLength(1000);
  });

  test("asks for no packing, and refuses what comes packed", async () => {
    let asked: unknown;
    const { url } = await serve(({ headers }, response) => {
      asked = headers["accept-encoding"];
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(100_000)));
    });
    expect(await fails(get(url))).toMatchObject({ fault: "refused", message: expect.stringContaining("gzip") });
    expect(asked).toBe("identity");
  });

  test("limits the time of a body that comes slowly", async () => {
    const { url } = await serve((_request, response) => response.write("x"));
    expect(await fails(get(url, { timeoutMilliseconds: 200 }))).toMatchObject({
      fault: "timed_out",
      message: "took longer than 0.2 s",
    });
  });

  test("limits the time of a name that is never resolved", async () => {
    const error = await fails(get("http://example.com/", { lookup: () => {}, timeoutMilliseconds: 100 }));
    expect(error.fault).toBe("timed_out");
  });

  test("is aborted by its signal", async () => {
    const controller = new AbortController();
    const { url } = await serve(() => controller.abort(new Error("given up")));
    await expect(get(url, { signal: controller.signal })).rejects.toThrow("given up");
  });

  test("says that nobody answers", async () => {
    const server = await startTestServer(() => {});
    await server.close();
    expect(await fails(get(server.url))).toMatchObject({
      fault: "unreachable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("reads no body that is of no interest", async () => {
    const { url } = await serve((_request, response) => response.write(Buffer.alloc(5000)));
    const { status, body } = await get(url, { discardBody: true });
    expect([status, body.length]).toEqual([200, 0]);
  });
});
