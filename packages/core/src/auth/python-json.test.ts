import { describe, expect, test } from "@jest/globals";
import { printedByPython } from "./python-json.test.fixture.ts";
import { pythonJson } from "./python-json.ts";

describe("pythonJson", () => {
  test.each(printedByPython)("prints text %# as Python does", (text, printed) => {
    expect(pythonJson(text)).toBe(printed);
  });

  test("leaves out keys of the outermost object only", () => {
    const text = '{"signature":"x","a":{"signature":1.0},"__request_id":null,"b":[{"__request_id":2}]}';
    const printed = pythonJson(text, new Set(["signature", "__request_id"]));
    expect(JSON.parse(printed)).toEqual({ a: { signature: 1 }, b: [{ __request_id: 2 }] });
    expect(printed).toContain('"signature": 1.0');
    expect(pythonJson('{"signature":"x"}', new Set(["signature"]))).toBe("{}");
  });

  test.each(["", "{", "nope", "NaN", "Infinity", "01", "[1,]", "{'a':1}", '{"a":1}x', "\ufeff{}"])(
    "refuses %j, which is not JSON",
    (text) => {
      expect(() => pythonJson(text)).toThrow(SyntaxError);
    },
  );

  test.each([66, 1000, 100_000])("refuses what nests %d deep", (depth) => {
    expect(() => pythonJson("[".repeat(depth) + "]".repeat(depth))).toThrow(RangeError);
    expect(() => pythonJson(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toThrow(RangeError);
  });

  test("leaves Object.prototype alone", () => {
    pythonJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect("polluted" in {}).toBe(false);
  });
});
