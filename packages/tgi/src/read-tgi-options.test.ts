import { describe, expect, test } from "@jest/globals";
import { readTgiOptions } from "./read-tgi-options.ts";

describe("options from the environment", () => {
  test("are none by default", () => {
    expect(readTgiOptions({})).toEqual({
      workload: {},
      problems: [],
      hubFolders: expect.arrayContaining(["/data", "/data/hub"]),
    });
  });

  test("name the model by the first variable that does", () => {
    expect(readTgiOptions({ MODEL_ID: "id" }).model).toBe("id");
    expect(readTgiOptions({ MODEL_ID: "id", MODEL_NAME: "name" }).model).toBe("name");
  });

  test("tell how requests are priced", () => {
    expect(readTgiOptions({ MAX_TOTAL_TOKENS: "8192", WORKLOAD_COUNT: "max_tokens" }).workload).toEqual({
      maxModelLength: 8192,
      count: "max_tokens",
    });
  });

  test.each(["0", "-1", "8k", "1e9", " "])("take no MAX_TOTAL_TOKENS of %j", (MAX_TOTAL_TOKENS) => {
    expect(readTgiOptions({ MAX_TOTAL_TOKENS })).toMatchObject({
      workload: {},
      problems: [{ name: "MAX_TOTAL_TOKENS", expected: "a number of tokens", found: JSON.stringify(MAX_TOTAL_TOKENS) }],
    });
  });

  test("name everything that is wrong at once", () => {
    const { problems } = readTgiOptions({ MAX_TOTAL_TOKENS: "long", WORKLOAD_COUNT: "bytes" });
    expect(problems?.map(({ name }) => name)).toEqual(["MAX_TOTAL_TOKENS", "WORKLOAD_COUNT"]);
  });
});
