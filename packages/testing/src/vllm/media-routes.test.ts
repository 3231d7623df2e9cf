import { inflateSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import { silentWav } from "../media/wav.ts";
import { cleanUp, eventsOf, json, post, start, upload } from "../server/start-server.test.fixture.ts";

afterEach(cleanUp);

const hello = { role: "user", content: "Say hello." };

const recording = (seconds: number): File =>
  new File([Uint8Array.from(silentWav(seconds))], "said.wav", { type: "audio/wav" });

describe("audio", () => {
  test("is a real recording, as long as its text", async () => {
    const server = await start();
    const spoken = await post(server, "/v1/audio/speech", { input: "x".repeat(30) });
    expect(spoken.headers.get("content-type")).toBe("audio/wav");
    expect(await spoken.bytes()).toEqual(Uint8Array.from(silentWav(2)));
    const sounds = await post(server, "/v1/audio/generate", { input: "rain", audio_length: 3 });
    expect(await sounds.bytes()).toHaveLength(44 + 3 * 32_000);
    const batch = await json(post(server, "/v1/audio/speech/batch", { items: [{ input: "a" }, { input: "b" }] }));
    expect(batch).toMatchObject({ results: [{ index: 0 }, { index: 1 }], total: 2 });
  });

  test.each(["transcriptions", "translations"])("is heard in %s, by its length", async (route) => {
    const server = await start();
    const answer = await json(upload(server, `/v1/audio/${route}`, { file: recording(3), model: "stand-in" }));
    expect(answer).toMatchObject({
      text: expect.stringMatching(/^This is a stand-in/),
      usage: { type: "duration", seconds: 3 },
    });
    expect(await server.requests[0]?.form()).toMatchObject([
      { name: "file", fileName: "said.wav", type: "audio/wav", size: 44 + 3 * 32_000 },
      { name: "model", value: "stand-in", size: 8 },
    ]);
    const streamed = await upload(server, `/v1/audio/${route}`, { file: recording(1), stream: "true" });
    expect(eventsOf(await streamed.text()).map(({ object }) => object)).toEqual(Array(2).fill("transcription.chunk"));
  });
});

describe("pictures", () => {
  test("are real ones, of the size and number that is asked for", async () => {
    const body = { prompt: "grey", size: "64x32", n: 2 };
    const answer = Object(await json(post(await start(), "/v1/images/generations", body)));
    expect(answer.data).toHaveLength(2);
    const png = Buffer.from(answer.data[0].b64_json, "base64");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 32]);
    const length = png.readUInt32BE(33);
    expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength(32 * 65);
  });

  test("are made of pictures or of their addresses, and films of words", async () => {
    const server = await start();
    const image = new File(["png"], "a.png", { type: "image/png" });
    expect((await upload(server, "/v1/images/edits", { prompt: "x", image })).status).toBe(200);
    expect((await upload(server, "/v1/images/edits", { prompt: "x", url: "https://x/y.png" })).status).toBe(200);
    const video = await upload(server, "/v1/videos/sync", { prompt: "x" });
    expect(video.headers.get("content-type")).toBe("video/mp4");
    expect(Buffer.from(await video.bytes()).toString("latin1", 4, 8)).toBe("ftyp");
  });
});

describe("without a required field", () => {
  test.each([
    ["/v1/embeddings", {}, "input"],
    ["/v1/rerank", { query: "x" }, "documents"],
    ["/v1/score", { text_1: "x" }, "documents"],
    ["/v1/responses", {}, "input"],
    ["/v1/messages", { messages: [] }, "max_tokens"],
    ["/v1/audio/speech", {}, "input"],
    ["/v1/audio/speech/batch", {}, "items"],
    ["/v1/audio/generate", {}, "input"],
    ["/v1/images/generations", {}, "prompt"],
  ])("%s refuses %j", async (path, body, field) => {
    const response = await post(await start(), path, body);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(`'body', '${field}'`)]);
  });

  test.each([
    ["/v1/audio/transcriptions", "file"],
    ["/v1/images/edits", "image"],
    ["/v1/videos/sync", "prompt"],
  ])("a form for %s is refused", async (path, field) => {
    const fields: Record<string, string> = field === "prompt" ? { size: "1x1" } : { prompt: "x" };
    const response = await upload(await start(), path, fields);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(`'body', '${field}'`)]);
  });
});

test("faults strike on every route", async () => {
  const server = await start({ faults: { status: 500 } });
  expect((await upload(server, "/v1/videos/sync", { prompt: "x" })).status).toBe(500);
  server.faults.set({ errorAfterChunks: 1 });
  const response = await post(server, "/v1/messages", { messages: [hello], max_tokens: 3, stream: true });
  expect(eventsOf(await response.text()).at(-1)).toMatchObject({ type: "error" });
  server.faults.set({ dieAfterChunks: 1 });
  const dying = post(server, "/v1/audio/speech", { input: "hello" }).then((answer) => answer.bytes());
  await expect(dying).rejects.toThrow();
});
