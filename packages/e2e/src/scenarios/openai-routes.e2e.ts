import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, beforeEach, expect } from "@jest/globals";
import { type ModelServer, until } from "@pyworker/testing";
import { connectRaw, rawPost } from "../harness/raw-connection.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startVllmServer, startWorker } = createStarters();
let vllm: ModelServer;
let worker: WorkerUnderTest;

const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))).toString("base64");
const wav = fixture("../../../vllm/assets/benchmark-speech.wav");
const png = fixture("picture.png");
const user = { role: "user", content: "Say something." };

interface RouteCase {
  route: string;
  good: object;
  /** A fault, and the field that the answer must name. */
  bad: readonly [payload: object, field: string];
  /** What the model server gets instead of the payload. */
  isForm?: boolean;
}

const cases: readonly RouteCase[] = [
  { route: "/v1/completions", good: { prompt: "Hi", max_tokens: 8 }, bad: [{ prompt: 5 }, "prompt"] },
  {
    route: "/v1/chat/completions",
    good: { messages: [user], max_tokens: 8 },
    bad: [{ messages: [{ content: "Hi" }] }, "messages.0.role"],
  },
  {
    route: "/v1/chat/completions/batch",
    good: { messages: [[user], [user]], max_tokens: 8 },
    bad: [{ messages: [user] }, "messages.0"],
  },
  { route: "/v1/embeddings", good: { input: ["one", "two"] }, bad: [{ input: 5 }, "input"] },
  {
    route: "/v1/rerank",
    good: { query: "capital of France", documents: ["Paris", "Rome"] },
    bad: [{ query: 5, documents: ["Paris"] }, "query"],
  },
  {
    route: "/v1/score",
    good: { queries: "capital of France", documents: ["Paris", "Rome"] },
    bad: [{ queries: 5, documents: ["Paris"] }, "queries"],
  },
  { route: "/v1/responses", good: { input: "Hi", max_output_tokens: 8 }, bad: [{ input: 5 }, "input"] },
  { route: "/v1/messages", good: { messages: [user], max_tokens: 8 }, bad: [{ messages: [user] }, "max_tokens"] },
  { route: "/tokenize", good: { prompt: "Hi there" }, bad: [{ prompt: 5 }, "prompt"] },
  { route: "/v1/audio/speech", good: { input: "Hello there." }, bad: [{ input: 5 }, "input"] },
  {
    route: "/v1/audio/speech/batch",
    good: { items: [{ input: "Hello there." }] },
    bad: [{ items: [{ input: 5 }] }, "items.0.input"],
  },
  { route: "/v1/audio/generate", good: { input: "rain on a roof" }, bad: [{ input: 5 }, "input"] },
  {
    route: "/v1/audio/transcriptions",
    good: { file: wav, filename: "speech.wav" },
    bad: [{ file: "%%%" }, "file"],
    isForm: true,
  },
  {
    route: "/v1/audio/translations",
    good: { file: `data:audio/wav;base64,${wav}`, filename: "speech.wav" },
    bad: [{ filename: "speech.wav" }, "file"],
    isForm: true,
  },
  {
    route: "/v1/images/generations",
    good: { prompt: "a red square", size: "64x64" },
    bad: [{ prompt: 5 }, "prompt"],
  },
  {
    route: "/v1/images/edits",
    good: { image: png, prompt: "make it blue" },
    bad: [{ prompt: "make it blue" }, "image"],
    isForm: true,
  },
  {
    route: "/v1/videos/sync",
    good: { prompt: "a red square", num_frames: 9, input_reference: png },
    bad: [{ prompt: 5 }, "prompt"],
    isForm: true,
  },
];

beforeAll(async () => {
  vllm = await startVllmServer();
  const env = { OPENAI_ROUTES: cases.map(({ route }) => route).join(",") };
  worker = await startWorker({ modelUrl: vllm.url, env });
  await worker.becomeReady();
});

beforeEach(() => vllm.faults.set({}));

const seenAt = (route: string) => vllm.requests.filter(({ path }) => path === route);

for (const { bad, good, isForm = false, route } of cases) {
  verifies(["text/routes"], `${route} answers what the model answers`, async () => {
    const answer = await worker.send(route, good);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, answer.headers.get("server"), bytes.length > 0]).toEqual([200, "pyworker-stand-in", true]);
    const seen = seenAt(route).at(-1);
    if (isForm) {
      expect(seen?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    } else {
      expect(JSON.parse(String(seen?.body))).toEqual(good);
      const headers = { "content-type": "application/json" };
      const direct = await fetch(vllm.url + route, { method: "POST", headers, body: JSON.stringify(good) });
      expect(bytes.equals(Buffer.from(await direct.arrayBuffer()))).toBe(true);
    }
  });

  verifies(["text/routes", "text/bad-fields"], `${route} refuses a wrong field by its path`, async () => {
    const before = seenAt(route).length;
    const [payload, field] = bad;
    const answer = await worker.send(route, payload);
    const body: Record<string, object> = Object(await answer.json());
    expect([answer.status, Object.keys(body.payload ?? {})]).toEqual([422, [field]]);
    expect(seenAt(route)).toHaveLength(before);
  });

  verifies(["text/routes", "F3"], `${route} stops the model when its client leaves`, async () => {
    vllm.faults.set({ stall: true });
    const before = seenAt(route).length;
    const client = await connectRaw(worker.port);
    client.send(rawPost(route, JSON.stringify({ auth_data: worker.authData(), session_id: null, payload: good })));
    await until(() => seenAt(route).length === before + 1);
    client.close();
    await until(() => seenAt(route).at(-1)?.abortedAt !== undefined, { what: () => "the model to hear of it" });
    await until(async () => (await worker.metric("pyworker_requests_in_progress")) === 0);
    expect(await worker.metric("pyworker_load")).toBe(0);
  });
}
