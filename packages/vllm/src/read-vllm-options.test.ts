import { describe, expect, test } from "@jest/globals";
import { readVllmOptions } from "./read-vllm-options.ts";

describe("options from the environment", () => {
  test("are vLLM's by default", () => {
    expect(readVllmOptions({ HF_HOME: "/models" })).toEqual({
      engine: "vllm",
      workload: {},
      hubFolders: ["/models/hub"],
      problems: [],
    });
  });

  test.each([
    ["vllm", "vllm"],
    ["openai", "vllm"],
    ["sglang", "sglang"],
    ["llama", "llama"],
  ])("BACKEND=%s is %s", (BACKEND, engine) => {
    expect(readVllmOptions({ BACKEND }).engine).toBe(engine);
  });

  test("name the model by the first variable that does", () => {
    expect(readVllmOptions({ LLAMA_MODEL: "l", VLLM_MODEL: "v" }).model).toBe("v");
    expect(readVllmOptions({ MODEL_NAME: "m", VLLM_MODEL: "v" }).model).toBe("m");
  });

  test("tell how requests are priced", () => {
    expect(readVllmOptions({ MAX_MODEL_LEN: "8192", WORKLOAD_COUNT: "max_tokens" }).workload).toEqual({
      maxModelLength: 8192,
      count: "max_tokens",
    });
  });

  test.each(["0", "-1", "8k", "1e9", " "])("take no MAX_MODEL_LEN of %j", (MAX_MODEL_LEN) => {
    expect(readVllmOptions({ MAX_MODEL_LEN })).toMatchObject({
      workload: {},
      problems: [{ name: "MAX_MODEL_LEN", expected: "a number of tokens", found: JSON.stringify(MAX_MODEL_LEN) }],
    });
  });

  test("tell how long a request may have to wait", () => {
    expect(readVllmOptions({ MAX_QUEUE_TIME: "20" })).toMatchObject({ maxQueueTime: 20, problems: [] });
    expect(readVllmOptions({ MAX_QUEUE_TIME: "0" }).problems).toEqual([
      { name: "MAX_QUEUE_TIME", expected: "a number of seconds", found: '"0"' },
    ]);
  });

  test("tell which routes are served, and how they are measured", () => {
    const variables = {
      OPENAI_ROUTES: " /v1/audio/speech, ,/v1/embeddings,",
      BENCHMARK_ROUTE: "/v1/embeddings",
      BENCHMARK_SPEECH_VOICE: "vivian",
      BENCHMARK_EMBED_CHARS: "2000",
    };
    expect(readVllmOptions(variables)).toMatchObject({
      routes: ["/v1/audio/speech", "/v1/embeddings"],
      benchmarkRoute: "/v1/embeddings",
      benchmarkSpeechVoice: "vivian",
      benchmarkEmbedChars: 2000,
      problems: [],
    });
  });

  test.each(["0", "-1", "many", "1e9"])("take no BENCHMARK_EMBED_CHARS of %j", (BENCHMARK_EMBED_CHARS) => {
    expect(readVllmOptions({ BENCHMARK_EMBED_CHARS }).problems).toMatchObject([{ name: "BENCHMARK_EMBED_CHARS" }]);
  });

  test("name everything that is wrong at once", () => {
    const { problems } = readVllmOptions({ BACKEND: "tgi", MAX_MODEL_LEN: "long", WORKLOAD_COUNT: "bytes" });
    expect(problems?.map(({ name }) => name)).toEqual(["BACKEND", "MAX_MODEL_LEN", "WORKLOAD_COUNT"]);
    expect(problems?.[0]).toMatchObject({ expected: "vllm or sglang or llama", found: '"tgi"' });
  });
});
