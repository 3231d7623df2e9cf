import { describe, expect, test } from "@jest/globals";
import { ConfigurationError } from "@pyworker/core";
import { readVllmOptions } from "./read-vllm-options.ts";

describe("options from the environment", () => {
  test("are vLLM's by default", () => {
    expect(readVllmOptions({})).toEqual({ engine: "vllm", workload: {} });
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
    expect(() => readVllmOptions({ MAX_MODEL_LEN })).toThrow("MAX_MODEL_LEN: expected a number of tokens");
  });

  test("name everything that is wrong at once", () => {
    const read = () => readVllmOptions({ BACKEND: "tgi", MAX_MODEL_LEN: "long", WORKLOAD_COUNT: "bytes" });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/BACKEND: expected vllm or sglang or llama, found "tgi".*MAX_MODEL_LEN.*WORKLOAD_COUNT/s);
  });
});
