import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { reading, saying, together } from "../harness/comfyui/file-workflows.ts";
import { answerOf, generate, type JobAnswer } from "../harness/comfyui/job-client.ts";
import {
  digestOf,
  fetchFile,
  inputOf,
  makeSamples,
  postForm,
  type SampleFile,
  sampleHeight,
  sampleWidth,
  sizeOfPng,
} from "../harness/comfyui/sample-files.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { askForHistory, whatRan } from "../harness/comfyui/what-ran.ts";
import { type Workflow, workflow } from "../harness/comfyui/workflows.ts";
import { type Model, startModel } from "../harness/start-model.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const mostBytes = 2_000_000;
/** Files may be fetched from there, and nothing listens. */
const nobodysHost = "127.0.0.1:9";
/** Where files may be fetched, and where not. */
let files: Model;
let inside: Model;
let samples: SampleFile[] = [];

beforeAll(async () => {
  files = await startModel(({ url }, response) => serveFile(url, response));
  cleanUp(() => files.stop());
  inside = await startModel((_, response) => response.end("a secret of the inside"));
  cleanUp(() => inside.stop());
});

/** `/sample/<name>`, and what servers do wrong. */
async function serveFile(url: string, response: ServerResponse): Promise<void> {
  const sample = samples.find(({ name }) => url.startsWith(`/sample/${name}`));
  if (sample !== undefined) {
    response.end(sample.bytes);
  } else if (url.startsWith("/redirect?")) {
    response.writeHead(302, { location: decodeURIComponent(url.slice("/redirect?".length)) }).end();
  } else if (url === "/large") {
    response.writeHead(200, { "content-length": mostBytes + 1 }).end(Buffer.alloc(mostBytes + 1));
  } else if (url === "/large-by-and-by") {
    for (let sent = 0; sent <= mostBytes && !response.destroyed; sent += 100_000) {
      response.write(Buffer.alloc(100_000));
      await sleep(1);
    }
    response.end();
  } else if (url !== "/slow") {
    response.writeHead(404).end("not here");
  }
}

const hostOf = (server: Model): string => new URL(server.url).host;

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({
      mode,
      env: {
        FETCH_ALLOWED_HOSTS: `${hostOf(files)},${nobodysHost}`,
        FETCH_SECONDS: "2",
        FETCH_MAX_BYTES: String(mostBytes),
      },
    });
    samples = await makeSamples(under);
  });
  afterAll(() => under.stop());

  const run = (made: Workflow, more = {}): Promise<JobAnswer> => generate(under.worker, made, more, askForHistory);

  /** That a job ran on the very bytes of a sample, and made of them what is to be expected. */
  async function expectRead({ body, status }: JobAnswer, { bytes, kind }: SampleFile): Promise<void> {
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: "completed", output: [{ type: "output" }] },
    });
    const { "1": loader } = whatRan(body);
    const [name] = Object.values(loader?.inputs ?? {});
    expect(digestOf(await inputOf(under, name))).toBe(digestOf(bytes));
    const [file] = body.output;
    const made = await fetchFile(under.worker, file);
    expect(made.type).toMatch(new RegExp(`^${kind}/`));
    if (kind === "image") {
      expect(sizeOfPng(made.bytes)).toEqual([sampleWidth, sampleHeight]);
      expect(made.bytes.equals(bytes)).toBe(false);
    }
  }

  verifies(["comfyui/input-url"], "pictures, sounds and films are fetched from URLs", async () => {
    for (const sample of samples) {
      await expectRead(await run(reading[sample.kind](`${files.url}/sample/${sample.name}?token=x`)), sample);
    }
    const [sample] = samples;
    const target = `${files.url}/sample/${sample?.name}`;
    const led = await run(reading.image(`${files.url}/redirect?${encodeURIComponent(target)}`));
    expect(led.status).toBe(200);
  });

  verifies(["comfyui/input-inline"], "files come as data URIs, or as base64 by name", async () => {
    for (const sample of samples) {
      const base64 = sample.bytes.toString("base64");
      await expectRead(await run(reading[sample.kind](`data:${sample.mimetype};base64,${base64}`)), sample);
      await expectRead(await run(reading[sample.kind]("mine"), { files: { mine: base64 } }), sample);
    }
  });

  verifies(["comfyui/input-inline", "comfyui/input-url"], "files by name may be URLs and data URIs too", async () => {
    const [image, audio] = samples;
    if (image === undefined || audio === undefined) {
      throw new Error("no samples");
    }
    const both = together(reading.image("one"), reading.audio("another"));
    const { body, status } = await run(both, {
      files: {
        one: `${files.url}/sample/${image.name}`,
        another: `data:${audio.mimetype};base64,${audio.bytes.toString("base64")}`,
      },
    });
    expect({ status, body }).toMatchObject({ status: 200 });
    const ran = whatRan(body);
    expect(digestOf(await inputOf(under, ran["0-1"]?.inputs.image))).toBe(digestOf(image.bytes));
    expect(digestOf(await inputOf(under, ran["1-1"]?.inputs.audio))).toBe(digestOf(audio.bytes));
  });

  verifies(["comfyui/input-form"], "files come with the request, as parts of a form", async () => {
    for (const sample of samples) {
      const input = JSON.stringify({ workflow_json: reading[sample.kind]("mine") });
      const answer = await answerOf(await postForm(under, "/generate/sync", { input, mine: sample }));
      expect(answer).toMatchObject({ status: 200, body: { status: "completed" } });
      const named = JSON.stringify({ workflow_json: reading[sample.kind](sample.name) });
      const byItsName = await answerOf(await postForm(under, "/generate/sync", { input: named, files: sample }));
      expect(byItsName).toMatchObject({ status: 200, body: { status: "completed" } });
    }
  });

  verifies(["comfyui/upload"], "files are uploaded first, signed, and named then", async () => {
    for (const sample of samples) {
      const uploaded = await postForm(under, "/upload/image", { image: sample });
      expect(uploaded.status).toBe(200);
      const { name } = Object(await uploaded.json());
      await expectRead(await run(reading[sample.kind](name)), sample);
    }
    const form = new FormData();
    form.append("image", new Blob(["x"]), "unsigned.png");
    expect((await fetch(`${under.worker.url}/upload/image`, { method: "POST", body: form })).status).toBe(401);
  });

  verifies(
    ["comfyui/input-guard"],
    "nothing is fetched from this machine, its network, or by way of another",
    async () => {
      const { port } = new URL(inside.url);
      const hosts = [
        ...["127.0.0.1", "localhost", "127.0.0.2", "0.0.0.0", "2130706433", "0x7f.1", "127.1"],
        ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]"],
        ...["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"],
        ...["224.0.0.1", "255.255.255.255"],
      ];
      const urls = [
        ...hosts.map((host) => `http://${host}:${port}/`),
        "http://169.254.169.254/latest/meta-data/",
        ...[inside.url, "http://169.254.169.254/", "file:///etc/passwd", "http://[::1]/"].map(
          (target) => `${files.url}/redirect?${encodeURIComponent(target)}`,
        ),
        `http://user:secret@${hostOf(files)}/sample/${samples[0]?.name}`,
      ];
      const answers = await Promise.all(urls.map(async (url) => ({ url, ...(await run(reading.image(url))) })));
      for (const { body, status, url } of answers) {
        expect({ url, status, body }).toMatchObject({
          status: 400,
          body: {
            status: "failed",
            error: {
              type: "invalid_input",
              node_id: "1",
              nodes: [{ node_id: "1", class_type: "LoadImage", field: "image" }],
            },
          },
        });
        expect(body.error?.message).toMatch(/allowed/);
        expect(body.error?.message).not.toMatch(/secret|token/);
      }
      expect(inside.requests).toHaveLength(0);
    },
  );

  verifies(["comfyui/input-limits"], "what can't be had is refused by node and field, and says why", async () => {
    const cases: [input: string, reason: RegExp, given?: Record<string, string>][] = [
      [`${files.url}/large`, /larger than 2000000 bytes/],
      [`${files.url}/large-by-and-by`, /larger than 2000000 bytes/],
      [`data:image/png;base64,${Buffer.alloc(mostBytes + 1).toString("base64")}`, /larger than 2000000 bytes/],
      [`${files.url}/slow`, /took longer than 2 s/],
      [`${files.url}/nothing.png`, /the server answered 404/],
      ["http://127.0.0.1:1/", /not allowed/],
      [`http://${nobodysHost}/a.png`, /the connection failed/],
      // A resolver may be slow to say that there is no such name.
      ["http://nowhere.invalid/a.png", /the connection failed|took longer than 2 s/],
      ["mine", /neither a URL, nor a data URI, nor base64/, { mine: "this is no base64!" }],
      ["data:image/png;base64,", /it is empty/],
    ];
    for (const [input, reason, given] of cases) {
      const { body, status } = await run(reading.image(input), given === undefined ? {} : { files: given });
      expect({ reason, status, body }).toMatchObject({
        status: 400,
        body: {
          error: {
            type: "invalid_input",
            message: expect.stringMatching(reason),
            nodes: [{ node_id: "1", class_type: "LoadImage", field: "image", title: "The picture" }],
          },
        },
      });
    }
  });

  verifies(["comfyui/input-unused"], "a file that nothing names is refused", async () => {
    const { body, status } = await run(workflow("image"), { files: { mine: "AAAA" } });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_input", message: expect.stringContaining("mine") } },
    });
  });

  verifies(["comfyui/input-text"], "a text that is no more than about a URL stays as it is", async () => {
    const asked = files.requests.length;
    for (const text of [
      `ftp://${hostOf(files)}/a.png`,
      `look at ${files.url}/a.png please`,
      "data: none",
      "s3://a/b",
    ]) {
      const { body, status } = await run(saying(text));
      expect({ status, ran: JSON.stringify(whatRan(body)) }).toEqual({
        status: 200,
        ran: expect.stringContaining(JSON.stringify(text)),
      });
    }
    expect(files.requests).toHaveLength(asked);
  });

  verifies(["comfyui/overrides", "comfyui/input-url"], "an overridden input may be a file too", async () => {
    const [sample] = samples;
    const url = `${files.url}/sample/${sample?.name}`;
    const answer = await run(reading.image("any.png"), { overrides: { "The picture": { image: url } } });
    expect(answer.status).toBe(200);
  });
});
