import { beforeAll, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectRaw, rawPost, statusesIn } from "../harness/raw-connection.ts";
import { smugglingCorpus } from "../harness/smuggling.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { startWorker, type WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
let model: Model;
let worker: WorkerUnderTest;

beforeAll(async () => {
  model = await startModel((_request, response) => response.end("done"));
  cleanUp(() => model.stop());
  worker = await startWorker({ program: "every-feature", modelUrl: model.url });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
});

const envelope = (payload: object): string =>
  JSON.stringify({ auth_data: worker.authData(), session_id: null, payload });

const corpus = () =>
  smugglingCorpus({
    body: envelope({ cost: 1 }),
    authHeader: Buffer.from(JSON.stringify(worker.authData())).toString("base64url"),
    modelUrl: model.url,
  });

/** Sends bytes, and waits for an answer to them, or the end of the connection. */
async function answersTo(bytes: string): Promise<{ statuses: number[]; received: string }> {
  const client = await connectRaw(worker.port);
  client.send(Buffer.from(bytes, "latin1"));
  await until(() => client.isClosed() || statusesIn(client.received()).length > 0, {
    what: () => `an answer to ${JSON.stringify(bytes.slice(0, 200))}`,
  });
  client.close();
  return { statuses: statusesIn(client.received()), received: client.received() };
}

verifies(
  ["F10", "passthrough/only-named"],
  "refuses what could be read in two ways, and sends none of it on",
  async () => {
    const before = model.requests.length;
    const wrong: string[] = [];
    for (const { bytes, what } of corpus()) {
      const { received, statuses } = await answersTo(bytes);
      const isRefused = statuses.every((status) => status >= 400 && status < 500);
      if (!isRefused || model.requests.length > before) {
        const came = model.requests.splice(before).map(({ method, url }) => `${method} ${url}`);
        wrong.push(`${what}: ${received.split("\r\n\r\n").join(" ")}; the model got [${came}]`);
      }
    }
    expect(wrong).toEqual([]);
    expect((await worker.send("/parallel", { cost: 1 })).status).toBe(200);
    expect(model.requests).toHaveLength(before + 1);
  },
);

verifies(["F10"], "sends a body on as long as it was, whatever the client's Connection header names", async () => {
  const before = model.requests.length;
  const header = Buffer.from(JSON.stringify(worker.authData())).toString("base64url");
  const bytes = rawPost("/upload", "four", [
    `x-serverless-auth: ${header}`,
    "connection: close, content-length, content-type",
    "keep-alive: timeout=1",
    "te: trailers",
    "upgrade: h2c",
  ]);
  expect((await answersTo(bytes)).statuses).toEqual([200]);
  const [request, ...more] = model.requests.slice(before);
  expect(more).toEqual([]);
  expect(request).toMatchObject({ method: "POST", url: "/upload", body: Buffer.from("four") });
  expect(request?.headers).toMatchObject({ "content-length": "4", "content-type": "application/json" });
  expect(request?.headers.connection).not.toContain("content-length");
  expect(Object.keys(request?.headers ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(te|upgrade|keep-alive)$/)]),
  );
});
