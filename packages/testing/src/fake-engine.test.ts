import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";

let engine: FakeEngine | undefined;

afterEach(() => engine?.close());

test("comes back to its port", async () => {
  engine = await startFakeEngine();
  const keyUrl = `${engine.url}/pubkey/`;
  expect((await fetch(keyUrl)).status).toBe(200);
  await engine.close();
  await expect(fetch(keyUrl)).rejects.toThrow();
  await engine.listen();
  expect((await fetch(keyUrl)).status).toBe(200);
});

test("says so where its port was taken meanwhile", async () => {
  engine = await startFakeEngine();
  await engine.close();
  const other = createServer().listen(Number(new URL(engine.url).port), "127.0.0.1");
  await once(other, "listening");
  try {
    await expect(engine.listen()).rejects.toThrow("EADDRINUSE");
  } finally {
    other.close();
  }
});
