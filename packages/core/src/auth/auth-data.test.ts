import { describe, expect, test } from "@jest/globals";
import { parseJson } from "../json.ts";
import { readAuthData } from "./auth-data.ts";

const valid = {
  cost: "256",
  endpoint: "my-endpoint",
  reqnum: 7,
  request_idx: 12345,
  signature: "c2ln",
  url: "http://1.2.3.4:40123",
};

describe("readAuthData", () => {
  test("reads the six fields, and lets be what else the engine says", () => {
    expect(readAuthData({ ...valid, __request_id: "x", status: [1] })).toEqual({
      ok: true,
      authData: {
        cost: 256,
        endpoint: "my-endpoint",
        reqnum: 7,
        requestIdx: 12345,
        signature: "c2ln",
        url: "http://1.2.3.4:40123",
      },
    });
  });

  test.each([
    [256, 256],
    ["256", 256],
    ["256.5", 256.5],
    ["1e3", 1000],
    [0, 0],
    ["0", 0],
    [parseJson("100000000000000000001"), 100000000000000000000],
  ])("takes a cost of %p", (cost, expected) => {
    expect(readAuthData({ ...valid, cost })).toMatchObject({ ok: true, authData: { cost: expected } });
  });

  test.each([
    -1,
    "-1",
    "",
    " ",
    "many",
    "NaN",
    "Infinity",
    "0x10",
    "1,5",
    JSON.parse("1e400"),
    null,
    true,
    [],
    [1],
    {},
  ])("refuses a cost of %p", (cost) => {
    expect(readAuthData({ ...valid, cost })).toEqual({
      ok: false,
      problems: { cost: "expected a number of 0 or more" },
    });
  });

  test("names every field that is missing or wrong, at once", () => {
    expect(readAuthData({})).toEqual({
      ok: false,
      problems: Object.fromEntries(Object.keys(valid).map((name) => [name, "missing parameter"])),
    });
    expect(readAuthData({ ...valid, signature: null, url: 5, reqnum: "x", request_idx: {} })).toEqual({
      ok: false,
      problems: {
        signature: "expected a string",
        url: "expected a string",
        reqnum: "expected a number",
        request_idx: "expected a number",
      },
    });
  });

  test.each([null, undefined, "x", 5, true, [], [valid]])("refuses %p", (value) => {
    expect(readAuthData(value)).toEqual({ ok: false, problems: "expected an object" });
  });

  test("takes nothing from a prototype", () => {
    const value: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(valid)}, "cost": 1}`);
    expect(readAuthData(value)).toMatchObject({ ok: false, problems: { url: "missing parameter" } });
  });
});
