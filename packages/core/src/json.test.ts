import { expect, test } from "@jest/globals";
import { NestingError, parseJson, stringifyJson } from "./json.ts";

test("keeps integers beyond 2^53 exact, in and out", () => {
  const text = '{"seed":9223372036854775807,"other":9223372036854775806,"negative":-9007199254740993}';
  expect(parseJson(text)).toEqual({
    seed: 9223372036854775807n,
    other: 9223372036854775806n,
    negative: -9007199254740993n,
  });
  expect(stringifyJson(parseJson(text))).toBe(text);
});

test("leaves other numbers and strings of digits as they are", () => {
  const value = parseJson('{"a":0.1234567890123456,"b":"1234567890123456789","c":9007199254740991,"d":1e20}');
  expect(value).toEqual({ a: 0.1234567890123456, b: "1234567890123456789", c: 9007199254740991, d: 1e20 });
});

test("keeps an integer beyond all floats, wherever it stands", () => {
  const digits = "9".repeat(400);
  expect(parseJson(`[[{"a":[${digits}]}],1]`)).toEqual([[{ a: [BigInt(digits)] }], 1]);
});

test("takes 500 levels, and no more", () => {
  const nested = (levels: number, inner: string) => `${'[{"a":'.repeat(levels / 2)}${inner}${"}]".repeat(levels / 2)}`;
  const exact = parseJson(nested(500, "9223372036854775807"));
  expect(stringifyJson(exact)).toBe(nested(500, "9223372036854775807"));
  expect(() => parseJson(nested(502, "1"))).toThrow(NestingError);
  expect(() => parseJson(`[9223372036854775807,${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}]`)).toThrow(
    NestingError,
  );
});

test("throws SyntaxError for what is not JSON", () => {
  expect(() => parseJson("{1234567890123456:}")).toThrow(SyntaxError);
});
