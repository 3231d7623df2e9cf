import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect } from "@jest/globals";
import { Agent, type Dispatcher, request } from "undici";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startVllmServer, startWorker } = createStarters();
const certificate = fileURLToPath(new URL("../fixtures/test-only.crt", import.meta.url));
const key = fileURLToPath(new URL("../fixtures/test-only.key", import.meta.url));
const trusting = new Agent({ connect: { ca: readFileSync(certificate) } });
let worker: WorkerUnderTest;

beforeAll(async () => {
  const model = await startVllmServer();
  worker = await startWorker({
    modelUrl: model.url,
    env: { USE_SSL: "true", SSL_CERT_FILE: certificate, SSL_KEY_FILE: key },
  });
  await worker.becomeReady();
});

const complete = (url: string, dispatcher?: Dispatcher) =>
  request(`${url}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth_data: worker.authData(), payload: { prompt: "hello", max_tokens: 3 } }),
    ...(dispatcher && { dispatcher }),
  });

verifies(["env/tls"], "speaks TLS with its certificate on the public port, and nothing else", async () => {
  const answer = await complete(worker.url, trusting);
  expect(answer.statusCode).toBe(200);
  expect(await answer.body.json()).toMatchObject({ system_fingerprint: "stand-in" });
  await expect(complete(worker.url)).rejects.toThrow(/self-signed certificate/);
  await expect(complete(worker.url.replace("https", "http"))).rejects.toThrow();
});

verifies(["env/tls"], "reports an https URL, and takes signatures made for it alone", async () => {
  expect(worker.engine.statuses.at(-1)?.url).toBe(`https://127.0.0.1:${worker.port}`);
  const elsewhere = worker.engine.signer.authData(worker.url.replace("https", "http"));
  const refused = await request(`${worker.url}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ auth_data: elsewhere, payload: {} }),
    dispatcher: trusting,
  });
  expect(refused.statusCode).toBe(401);
  await refused.body.dump();
});

verifies(["env/tls"], "speaks plain HTTP on the internal port", async () => {
  const answer = await fetch(`http://127.0.0.1:${worker.port + 1}/readyz`);
  expect(await answer.json()).toMatchObject({ ready: true });
});
