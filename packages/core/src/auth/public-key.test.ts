import { generateKeyPairSync } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { manualClock, until } from "@pyworker/testing";
import { collectLog } from "../collected-log.test.fixture.ts";
import { startTestServer, type TestServer } from "../test-server.test.fixture.ts";
import { createPublicKeys, type PublicKeys } from "./public-key.ts";

const makePem = (): string => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return publicKey.export({ type: "spki", format: "pem" }).toString().trim();
};
const [firstPem, secondPem] = [makePem(), makePem()];
const ed25519Pem = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();

const opened: (TestServer | { close(): void })[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

interface KeyServer extends TestServer {
  /** Sends its key, or does something else. */
  answer: string | ((response: ServerResponse) => void);
  hits: string[];
}

async function startKeyServer(answer: KeyServer["answer"]): Promise<KeyServer> {
  const server = await startTestServer((request, response) => {
    keyServer.hits.push(`${request.method} ${request.url}`);
    if (typeof keyServer.answer === "string") {
      response.end(keyServer.answer);
    } else {
      keyServer.answer(response);
    }
  });
  const keyServer: KeyServer = { ...server, answer, hits: [] };
  opened.push(server);
  return keyServer;
}

const fails = (response: ServerResponse) => void response.writeHead(500).end(firstPem);
const hangs = () => {};

function setUp(addresses: readonly string[]) {
  const clock = manualClock();
  const { lines, log } = collectLog();
  const events: string[] = [];
  const publicKeys = createPublicKeys({
    addresses,
    clock,
    log,
    onKeys: () => events.push(`${publicKeys.keys().length} key(s)`),
    onFailure: (message) => events.push(message),
    timeoutMilliseconds: 200,
  });
  opened.push({ close: publicKeys.stop });
  return { clock, events, lines, publicKeys };
}

const pems = (publicKeys: PublicKeys) =>
  publicKeys.keys().map((key) => key.export({ type: "spki", format: "pem" }).toString().trim());

describe("start", () => {
  test("fetches the key of the one address there is", async () => {
    const server = await startKeyServer(`${firstPem}\n`);
    const { clock, events, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => events.length > 0);
    expect(pems(publicKeys)).toEqual([firstPem]);
    expect(events).toEqual(["1 key(s)"]);
    expect(server.hits).toEqual(["GET /pubkey/"]);
    expect(clock.waiting).toBe(0);
  });

  test("tries five times, 1, 2, 4 and 8 seconds apart, says that it failed, and goes on trying", async () => {
    const server = await startKeyServer(fails);
    const { clock, events, publicKeys } = setUp([server.url]);
    const times: number[] = [];
    publicKeys.start();
    for (let tries = 1; tries <= 7; tries += 1) {
      await until(() => server.hits.length === tries && clock.waiting === 1);
      times.push(clock.now());
      while (tries < 7 && server.hits.length === tries && clock.waiting === 1) {
        expect(events).toHaveLength(tries < 5 ? 0 : 1);
        clock.advance(500);
      }
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 25, 35]);
    expect(events).toEqual([`no public key from ${server.url} after 5 tries`]);
    server.answer = firstPem;
    clock.advance(10_000);
    await until(() => publicKeys.keys().length === 1);
    expect(events).toHaveLength(2);
    expect(clock.waiting).toBe(0);
  });

  test.each([
    ["no key", (response: ServerResponse) => void response.end("not a PEM")],
    ["nothing", (response: ServerResponse) => void response.end()],
    ["a key that is not RSA", (response: ServerResponse) => void response.end(ed25519Pem)],
    ["an error page", fails],
    ["half a key", (response: ServerResponse) => void response.end(firstPem.slice(0, 200))],
    ["a broken connection", (response: ServerResponse) => void response.destroy()],
    ["no answer", hangs],
  ])("tries again after %s", async (_what, answer) => {
    const server = await startKeyServer(answer);
    const { clock, events, lines, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => clock.waiting === 1);
    expect(publicKeys.keys()).toEqual([]);
    expect(lines).toMatchObject([{ url: `${server.url}/pubkey/`, msg: "no public key" }]);
    server.answer = firstPem;
    clock.advance(1000);
    await until(() => events.length === 1);
    expect(pems(publicKeys)).toEqual([firstPem]);
  });

  test("asks every address, and counts one key once", async () => {
    const servers = [
      await startKeyServer(firstPem),
      await startKeyServer(secondPem),
      await startKeyServer(firstPem),
      await startKeyServer(fails),
    ];
    const { clock, publicKeys } = setUp(servers.map(({ url }) => url));
    publicKeys.start();
    await until(() => publicKeys.keys().length === 2);
    expect(pems(publicKeys).sort()).toEqual([firstPem, secondPem].sort());
    expect(clock.waiting).toBe(0);
  });

  test("does not wait for a silent address to use another's key", async () => {
    const silent = await startKeyServer(hangs);
    const server = await startKeyServer(firstPem);
    const { events, publicKeys } = setUp([silent.url, server.url]);
    let wasAborted = false;
    silent.answer = (response) =>
      response.on("close", () => {
        wasAborted = true;
      });
    publicKeys.start();
    await until(() => events.length === 1);
    expect(wasAborted).toBe(false);
  });

  test("does nothing more once stopped", async () => {
    const server = await startKeyServer(fails);
    const { clock, events, lines, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => clock.waiting === 1);
    publicKeys.stop();
    expect(clock.waiting).toBe(0);
    server.answer = firstPem;
    clock.advance(100_000);
    expect(await publicKeys.refresh()).toBe(false);
    expect(events).toEqual([]);
    expect(lines).toHaveLength(1);
  });
});

describe("refresh", () => {
  test("brings a rotated key, and says so", async () => {
    const server = await startKeyServer(firstPem);
    const { events, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => events.length === 1);
    server.answer = secondPem;
    expect(await publicKeys.refresh()).toBe(true);
    expect(pems(publicKeys)).toEqual([secondPem]);
    expect(events).toHaveLength(2);
  });

  test("says that nothing has changed where nothing has", async () => {
    const server = await startKeyServer(firstPem);
    const { events, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => events.length === 1);
    expect(await publicKeys.refresh()).toBe(false);
    expect(events).toHaveLength(1);
  });

  test("asks the engine at most once a minute, however many ask for it", async () => {
    const server = await startKeyServer(firstPem);
    const { clock, events, publicKeys } = setUp([server.url]);
    publicKeys.start();
    await until(() => events.length === 1);
    server.answer = secondPem;
    expect(await Promise.all([publicKeys.refresh(), publicKeys.refresh(), publicKeys.refresh()])).toEqual([
      true,
      true,
      true,
    ]);
    server.answer = firstPem;
    clock.advance(59_999);
    expect(await publicKeys.refresh()).toBe(false);
    expect(server.hits).toHaveLength(2);
    clock.advance(1);
    expect(await publicKeys.refresh()).toBe(true);
    expect(server.hits).toHaveLength(3);
  });

  test("keeps the key of an address that does not answer this time", async () => {
    const servers = [await startKeyServer(firstPem), await startKeyServer(secondPem)];
    const { clock, publicKeys } = setUp(servers.map(({ url }) => url));
    publicKeys.start();
    await until(() => publicKeys.keys().length === 2);
    for (const server of servers) {
      server.answer = fails;
      expect(await publicKeys.refresh()).toBe(false);
      expect(publicKeys.keys()).toHaveLength(2);
      clock.advance(60_000);
    }
  });
});
