import { describe, expect, test } from "@jest/globals";
import { comfyuiVariables, readComfyuiOptions } from "./read-comfyui-options.ts";
import { defaultSettings } from "./settings.ts";

type Variables = Parameters<typeof readComfyuiOptions>[0];

const settings = (variables: Variables) => readComfyuiOptions(variables).comfyui;
const problems = (variables: Variables) =>
  (readComfyuiOptions(variables).problems ?? []).map(({ expected, found, name }) => `${name}: ${expected}, ${found}`);

const ownHosts = (port: number) => ["localhost", "127.0.0.1", "[::1]"].map((host) => `${host}:${port}`);

test("options are the defaults where the environment says nothing", () => {
  expect(readComfyuiOptions({})).toEqual({
    comfyui: { ...defaultSettings, webhookHosts: ownHosts(3001) },
    benchmark: { image: { width: 512, height: 512, steps: 20 } },
    problems: [],
  });
});

describe("where the servers are", () => {
  test.each<[Variables, comfyuiUrl: string, wrapperUrl: string]>([
    [{ MODEL_SERVER_URL: "http://a:1" }, "http://127.0.0.1:18188", "http://a:1"],
    [{ MODEL_SERVER_URL: "http://a:1", MODE: "wrapper" }, "http://127.0.0.1:18188", "http://a:1"],
    [{ MODEL_SERVER_URL: "http://a:1", MODE: "direct" }, "http://a:1", "http://127.0.0.1:18288"],
    [
      { MODEL_SERVER_URL: "http://a:1", MODE: "direct", COMFYUI_URL: "http://b:2/" },
      "http://b:2",
      "http://127.0.0.1:18288",
    ],
    [{ MODEL_SERVER_URL: "http://a:1/", COMFYUI_URL: "https://b" }, "https://b", "http://a:1"],
    [{ MODEL_SERVER_PORT: "5" }, "http://127.0.0.1:18188", "http://127.0.0.1:5"],
    [{ MODEL_SERVER_PORT: "5", MODE: "direct" }, "http://127.0.0.1:5", "http://127.0.0.1:18288"],
    [{ MODEL_SERVER_PORT: "5", MODEL_SERVER_URL: "http://a:1" }, "http://127.0.0.1:18188", "http://a:5"],
  ])("is read of %j", (variables, comfyuiUrl, wrapperUrl) => {
    expect(settings(variables)).toMatchObject({ comfyuiUrl, wrapperUrl });
    expect(problems(variables)).toEqual([]);
  });
});

test.each<[Variables, Partial<typeof defaultSettings>]>([
  [{ MODE: "wrapper" }, { mode: "wrapper" }],
  [{ MODE: "auto" }, { mode: "auto" }],
  [{ COMFYUI_INSTALL_PATH: "/opt/comfy" }, { installPath: "/opt/comfy" }],
  [{ INCLUDE_COMFYUI_RESPONSE: "True" }, { includeResponse: true }],
  [{ INCLUDE_COMFYUI_RESPONSE: "false" }, { includeResponse: false }],
  [{ OUTPUT_BASE64_MAX_BYTES: "1" }, { base64MaxBytes: 1 }],
  [{ MAX_QUEUE_TIME: "600" }, { maxQueueTime: 600 }],
  [{ MAX_JOB_SECONDS: "60" }, { jobSeconds: 60 }],
  [{ MAX_QUEUE_SIZE: "7" }, { maxJobs: 7 }],
  [{ API_CACHE_TTL: "30" }, { resultSeconds: 30 }],
  [
    { WEBHOOK_URL: "https://a/b?c", WEBHOOK_SECRET: "s" },
    { webhookUrl: "https://a/b?c", webhookSecret: "s" },
  ],
  [{ WEBHOOK_ALLOWED_HOSTS: "a, b:2 ,," }, { webhookHosts: ["a", "b:2", ...ownHosts(3001)] }],
  [{ WORKER_PORT: "4000" }, { webhookHosts: ownHosts(4001) }],
  [{ WORKER_PORT: "4000", WORKER_HTTP_PORT: "5000" }, { webhookHosts: ownHosts(5000) }],
  [{ FETCH_ALLOWED_HOSTS: "10.0.0.7" }, { fetchHosts: ["10.0.0.7"] }],
  [
    { FETCH_MAX_BYTES: "1000", FETCH_SECONDS: "9" },
    { fetchMaxBytes: 1000, fetchSeconds: 9 },
  ],
  [{ S3_REGION: "eu-west-1" }, { s3: { S3_REGION: "eu-west-1" } }],
])("%j is read as %j", (variables, expected) => {
  expect(settings(variables)).toMatchObject(expected);
  expect(problems(variables)).toEqual([]);
});

test("the benchmark's request comes from a file, and its picture has a size", () => {
  const variables = {
    BENCHMARK_JSON_PATH: "/a.json",
    BENCHMARK_TEST_WIDTH: "64",
    BENCHMARK_TEST_HEIGHT: "32",
    BENCHMARK_TEST_STEPS: "3",
  };
  expect(readComfyuiOptions(variables)).toMatchObject({
    benchmark: { path: "/a.json", image: { width: 64, height: 32, steps: 3 } },
    problems: [],
  });
});

describe("what is wrong is named", () => {
  const wholeNumber = "a whole number from 1 to 1000000000000";
  test.each<[Variables, problem: string]>([
    [{ MODE: "both" }, 'MODE: wrapper, direct or auto, "both"'],
    [{ COMFYUI_URL: "127.0.0.1:18188" }, 'COMFYUI_URL: an http(s) URL, "127.0.0.1:18188"'],
    [{ WEBHOOK_URL: "ftp://a" }, 'WEBHOOK_URL: an http(s) URL, "ftp://a"'],
    [{ INCLUDE_COMFYUI_RESPONSE: "1" }, 'INCLUDE_COMFYUI_RESPONSE: true or false, "1"'],
    [{ MAX_QUEUE_TIME: "0" }, `MAX_QUEUE_TIME: ${wholeNumber}, "0"`],
    [{ MAX_QUEUE_SIZE: "-1" }, `MAX_QUEUE_SIZE: ${wholeNumber}, "-1"`],
    [{ API_CACHE_TTL: "6h" }, `API_CACHE_TTL: ${wholeNumber}, "6h"`],
    [{ FETCH_MAX_BYTES: "1e9" }, `FETCH_MAX_BYTES: ${wholeNumber}, "1e9"`],
    [{ OUTPUT_BASE64_MAX_BYTES: "1.5" }, `OUTPUT_BASE64_MAX_BYTES: ${wholeNumber}, "1.5"`],
    [{ BENCHMARK_TEST_STEPS: "none" }, 'BENCHMARK_TEST_STEPS: a whole number from 1 to 10000, "none"'],
  ])("in %j", (variables, problem) => {
    expect(problems(variables)).toEqual([problem]);
  });

  test("as far as seconds go that no timer can keep", () => {
    for (const name of ["MAX_JOB_SECONDS", "FETCH_SECONDS"]) {
      expect(problems({ [name]: "2000001" })).toEqual([`${name}: a whole number from 1 to 2000000, "2000001"`]);
      expect(problems({ [name]: "2000000" })).toEqual([]);
    }
  });

  test("all at once, and the defaults stand in", () => {
    const variables = { MODE: "both", COMFYUI_URL: "nowhere", MAX_QUEUE_SIZE: "many", S3_CONNECT_TIMEOUT: "long" };
    expect(problems(variables).map((problem) => problem.split(":")[0])).toEqual([
      "MODE",
      "COMFYUI_URL",
      "MAX_QUEUE_SIZE",
    ]);
    expect(settings(variables)).toMatchObject({ mode: "auto", comfyuiUrl: "http://127.0.0.1:18188", maxJobs: 100 });
  });

  test("of a storage too, before a job needs it", () => {
    const storage = { S3_ACCESS_KEY_ID: "a", S3_SECRET_ACCESS_KEY: "b", S3_BUCKET_NAME: "c" };
    expect(problems(storage)).toEqual([]);
    expect(problems({ ...storage, S3_ENDPOINT_URL: "minio:9000" })).toEqual([
      expect.stringMatching(/^S3_…: .*S3_ENDPOINT_URL/),
    ]);
  });

  test("but for the model server's URL, which core names", () => {
    expect(problems({ MODEL_SERVER_URL: "nowhere" })).toEqual([]);
  });
});

test("every variable says what it means", () => {
  expect(Object.entries(comfyuiVariables).filter(([, meaning]) => meaning.length < 5)).toEqual([]);
});
