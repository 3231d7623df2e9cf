import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { connectRaw } from "../harness/raw-connection.ts";
import type { Model } from "../harness/start-model.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startModel, startWorker } = createStarters();
let model: Model;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startModel(({ url }, response) => (url === "/serial-a" ? undefined : response.end("done")));
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  await worker.becomeReady();
});

const signature = () => Buffer.from(JSON.stringify(worker.authData())).toString("base64url");

async function makeForm(fields: Record<string, string | Blob>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  const encoded = new Response(form);
  return { body: Buffer.from(await encoded.arrayBuffer()), type: encoded.headers.get("content-type") ?? "" };
}

const photo = () => makeForm({ caption: "A cat", file: new Blob([Buffer.from([0, 1, 255])], { type: "image/png" }) });

const postForm = (path: string, { body, type }: { body: Buffer; type: string }, headers = {}): Promise<Response> =>
  fetch(worker.url + path, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body: new Uint8Array(body),
  });

verifies(["form/signed"], "takes a form that is signed by header or query, and forwards its very bytes", async () => {
  const form = await photo();
  const query = Object.entries(worker.authData()).map(
    ([name, value]) => `serverless_${name}=${encodeURIComponent(value)}`,
  );
  const answers = [
    await postForm("/parallel", form, { "x-serverless-auth": signature() }),
    await postForm(`/parallel?${query.join("&")}`, form),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  for (const { body, headers, url } of model.requests.slice(-2)) {
    expect([url, headers["content-type"], body.equals(form.body)]).toEqual(["/parallel", form.type, true]);
    expect(headers).not.toHaveProperty("x-serverless-auth");
  }
});

verifies(
  ["form/signed", "F11"],
  "refuses a form that is not signed for this worker, without looking into it",
  async () => {
    const before = model.requests.length;
    const foreign = worker.engine.signer.authData("http://1.2.3.4:5");
    const signed = { "x-serverless-auth": Buffer.from(JSON.stringify(foreign)).toString("base64url") };
    const malformed = { body: Buffer.from("nonsense"), type: "multipart/form-data; boundary=x" };
    expect((await postForm("/parallel", await photo())).status).toBe(401);
    expect((await postForm("/parallel", malformed, signed)).status).toBe(401);
    expect(model.requests).toHaveLength(before);
  },
);

verifies(["form/faults"], "names what is wrong with a form, and with its fields", async () => {
  const headers = { "x-serverless-auth": signature() };
  const malformed = await postForm(
    "/parallel",
    { body: Buffer.from("nonsense"), type: "multipart/form-data; boundary=x" },
    headers,
  );
  expect([malformed.status, await malformed.json()]).toEqual([422, { payload: "the form is malformed" }]);
  const wrong = await postForm("/strict", await makeForm({ size: "large" }), headers);
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toEqual({ payload: { prompt: expect.any(String), size: expect.any(String) } });
});

verifies(["form/signed", "F3"], "stops the model when the sender of a form leaves", async () => {
  const { body, type } = await photo();
  const before = model.requests.length;
  const client = await connectRaw(worker.port);
  const head = [
    "POST /serial-a HTTP/1.1",
    "host: worker",
    `content-type: ${type}`,
    `content-length: ${body.length}`,
    `x-serverless-auth: ${signature()}`,
  ];
  client.send(`${head.join("\r\n")}\r\n\r\n`);
  client.send(body);
  await until(() => model.requests.length === before + 1);
  client.close();
  await until(() => model.requests.at(-1)?.abortedAt !== undefined, { what: () => "the model to hear of it" });
});
