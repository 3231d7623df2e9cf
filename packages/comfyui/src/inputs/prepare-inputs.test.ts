import { createHash } from "node:crypto";
import type { RequestListener, ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { FilePart } from "@pyworker/core";
import { until } from "@pyworker/testing";
import { JobError } from "../jobs/job-error.ts";
import { createGuard } from "../net/create-guard.ts";
import { startTestServer, type TestServer } from "../net/test-server.test.fixture.ts";
import { type PrepareInputsOptions, prepareInputs } from "./prepare-inputs.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const serve = async (listener: RequestListener): Promise<string> => {
  const server = await startTestServer(listener);
  servers.push(server);
  return server.url;
};

/** Serves each path's name as its content, and counts. */
async function serveNames() {
  const seen: string[] = [];
  const url = await serve(({ url: path = "" }, response) => {
    seen.push(path);
    response.end(path);
  });
  return { url, seen };
}

const load = (image: unknown, others: Record<string, unknown> = {}) => ({
  "10": { class_type: "LoadImage", inputs: { image, ...others }, _meta: { title: "Picture" } },
});

const nameOf = (content: string | Buffer, extension = "bin"): string =>
  `${createHash("sha256").update(content).digest("hex").slice(0, 32)}.${extension}`;

/** A stand-in for ComfyUI's input folder, which puts uploads into a subfolder so that its answer is seen to be used. */
function prepare(workflow: Parameters<typeof prepareInputs>[0], settings: Partial<PrepareInputsOptions> = {}) {
  const uploads = new Map<string, string>();
  const preparing = prepareInputs(workflow, {
    signal: new AbortController().signal,
    comfy: {
      upload: async ({ name, content }) => {
        uploads.set(name, await content.text());
        return `in/${name}`;
      },
    },
    files: {},
    guard: createGuard({ allowLoopback: true }),
    ...{ maxFiles: 20, maxFileBytes: 1000, fetchTimeoutMilliseconds: 10_000 },
    ...settings,
  });
  return { preparing, uploads };
}

const faultOf = async (preparing: Promise<unknown>): Promise<unknown> => {
  const error = await preparing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof JobError ? error.fault : error;
};

describe("prepare inputs", () => {
  test("fetches what a URL names, uploads it, and uses the name that ComfyUI gives it", async () => {
    const { url } = await serveNames();
    const { preparing, uploads } = prepare(load(`${url}/cat.mp3?token=1`, { text: "a cat", width: 512 }));
    const name = nameOf("/cat.mp3?token=1", "mp3");
    expect(await preparing).toEqual(load(`in/${name}`, { text: "a cat", width: 512 }));
    expect(uploads).toEqual(new Map([[name, "/cat.mp3?token=1"]]));
  });

  test("decodes data URIs, however deep they stand", async () => {
    const uri = `data:image/png;base64,${Buffer.from("cat").toString("base64")}`;
    const { preparing } = prepare(load([{ picture: uri }, "other"]));
    expect(await preparing).toEqual(load([{ picture: `in/${nameOf("cat")}` }, "other"]));
  });

  test("uploads the files that inputs name: uploads, base64, data URIs and URLs", async () => {
    const { url } = await serveNames();
    const files = {
      "cat.wav": new FilePart("cat.wav", Buffer.from("uploaded")),
      base: Buffer.from("base").toString("base64"),
      uri: "data:text/plain,uri",
      web: `${url}/web`,
    };
    const { preparing } = prepare(load("cat.wav", { a: "base", b: "uri", c: "web" }), { files });
    expect(await preparing).toEqual(
      load(`in/${nameOf("uploaded", "wav")}`, {
        ...{ a: `in/${nameOf("base")}`, b: `in/${nameOf("uri")}`, c: `in/${nameOf("/web")}` },
      }),
    );
  });

  test("leaves links, and texts that are no whole URL", async () => {
    const workflow = {
      "1": {
        class_type: "X",
        inputs: { link: ["cat", 0], text: "see https://example.com", other: "https://", list: ["a", "b"], none: null },
      },
    };
    const { preparing, uploads } = prepare({ ...workflow, ...load("cat") }, { files: { cat: "Y2F0" } });
    expect(await preparing).toEqual({ ...workflow, ...load(`in/${nameOf("cat")}`) });
    expect(uploads.size).toBe(1);
  });

  test("leaves the workflow that it is given as it was", async () => {
    const workflow = load("data:text/plain,cat");
    await prepare(workflow).preparing;
    expect(workflow).toEqual(load("data:text/plain,cat"));
  });

  test("fetches a URL once, however often it is named", async () => {
    const { url, seen } = await serveNames();
    const { preparing } = prepare(load(`${url}/a`, { again: `${url}/a`, alias: "file" }), {
      files: { file: `${url}/a` },
    });
    const name = `in/${nameOf("/a")}`;
    expect(await preparing).toEqual(load(name, { again: name, alias: name }));
    expect(seen).toEqual(["/a"]);
  });

  test("fetches four files at once, and no more", async () => {
    const waiting: ServerResponse[] = [];
    const url = await serve((_request, response) => waiting.push(response));
    const { preparing } = prepare(load([1, 2, 3, 4, 5, 6].map((id) => `${url}/${id}`)));
    await until(() => waiting.length === 4);
    waiting.shift()?.end("a");
    await until(() => waiting.length === 4);
    waiting.shift()?.end("b");
    await until(() => waiting.length === 4);
    for (const response of waiting) {
      response.end("c");
    }
    expect(Object.keys(await preparing)).toEqual(["10"]);
  });

  test("gives up the other fetches when one fails", async () => {
    let isGone = false;
    const url = await serve(({ url: path }, response) => {
      if (path === "/slow") {
        response.on("close", () => {
          isGone = true;
        });
      } else {
        response.writeHead(404).end();
      }
    });
    const { preparing } = prepare(load(`${url}/slow`, { other: `${url}/missing?secret` }));
    const message = `${url}/missing: the server answered 404`;
    expect(await faultOf(preparing)).toEqual({
      type: "invalid_input",
      message: `node 10 (LoadImage), input other: ${message}`,
      node_id: "10",
      node_type: "LoadImage",
      nodes: [
        { node_id: "10", class_type: "LoadImage", title: "Picture", field: "other", type: "file_unavailable", message },
      ],
    });
    await until(() => isGone);
  });

  test.each([
    ["an address of the inside", "http://192.168.1.1/a?secret", "not allowed (private)"],
    ["a scheme", "https://user:secret@example.com/", "user name or password"],
    ["what is no base64", "data:image/png;base64,secret!", "nor base64"],
    ["an empty file", "data:image/png;base64,", "it is empty"],
    ["a large file", `data:text/plain,${"a".repeat(1001)}`, "larger than 1000 bytes"],
  ])("refuses %s, and names the node and its input", async (_name, image, reason) => {
    const fault = await faultOf(prepare(load(image)).preparing);
    expect(fault).toMatchObject({
      type: "invalid_input",
      message: expect.stringMatching(/^node 10 \(LoadImage\), input image: /),
      nodes: [{ field: "image", message: expect.stringContaining(reason) }],
    });
    expect(JSON.stringify(fault)).not.toContain("secret");
  });

  test("refuses a large upload, and a fetched file as soon as it is too large", async () => {
    const url = await serve((_request, response) => response.write(Buffer.alloc(2000)));
    const files = { cat: new FilePart("cat.png", Buffer.alloc(1001)) };
    const message = expect.stringContaining("larger than 1000 bytes");
    expect(await faultOf(prepare(load("cat"), { files }).preparing)).toMatchObject({ message });
    expect(await faultOf(prepare(load(url)).preparing)).toMatchObject({ message });
  });

  test("refuses files that nothing names", async () => {
    const files = { "cat.png": "Y2F0", "dog.png": "ZG9n", constructor: "AAAA" };
    expect(await faultOf(prepare(load("cat.png"), { files }).preparing)).toEqual({
      type: "invalid_input",
      message: "files that no input of the workflow names: dog.png, constructor",
    });
  });

  test("refuses more files than are allowed", async () => {
    const workflow = load([1, 2, 3].map((id) => `data:text/plain,${id}`));
    expect(await faultOf(prepare(workflow, { maxFiles: 2 }).preparing)).toEqual({
      type: "invalid_input",
      message: "the workflow names 3 files; at most 2 are allowed",
    });
  });

  test("does not put ComfyUI's absence on the client", async () => {
    const comfy = {
      upload: () => Promise.reject(new JobError({ type: "comfyui_unreachable", message: "cannot connect" })),
    };
    const fault = { type: "comfyui_unreachable", message: "cannot connect" };
    expect(await faultOf(prepare(load("data:text/plain,a"), { comfy }).preparing)).toEqual(fault);
  });

  test("is aborted by its signal", async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(new Error("the client has left")));
    await expect(prepare(load(url), { signal: controller.signal }).preparing).rejects.toThrow("the client has left");
  });
});
