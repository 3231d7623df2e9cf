import { describe, expect, test } from "@jest/globals";
import { readMembers } from "./json-members.ts";

const read = (text: string) => readMembers(Buffer.from(text));
const spelled = (text: string, key: string) => read(text)?.[key]?.bytes.toString();

describe("readMembers", () => {
  test("gives each member's value with its own bytes", () => {
    const text =
      ' {"auth_data" : {"url":"a,}\\"]" } ,\n"session_id":null, "payload": { "seed": 9223372036854775807,"x":[1, 2] } } \n';
    expect(spelled(text, "payload")).toBe('{ "seed": 9223372036854775807,"x":[1, 2] }');
    expect(spelled(text, "auth_data")).toBe('{"url":"a,}\\"]" }');
    expect(read(text)?.session_id?.value).toBeNull();
  });

  test("finds a payload that is not the last member", () => {
    expect(spelled('{"payload":{"a":"}"},"session_id":"x","n":-1.5e3}', "payload")).toBe('{"a":"}"}');
    expect(read('{"payload":[1],"n":-1.5e3}')?.n?.value).toBe(-1500);
  });

  test("takes the last of two members of one name", () => {
    expect(spelled('{"payload":1,"payload":2}', "payload")).toBe("2");
    expect(spelled('{"payload":{"a":1},"b":{},"payload":{"a":2}}', "payload")).toBe('{"a":2}');
  });

  test("reads keys as JSON spells them", () => {
    expect(spelled('{"pay\\u006coad":{"a":1}}', "payload")).toBe('{"a":1}');
    expect(read("{}")).toEqual({});
  });

  test.each([
    "",
    " ",
    "[]",
    "1",
    '"x"',
    "{",
    "}",
    "{]",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a":1}{}',
    '{"a":{]}}',
    '{"payload":{"a":1}',
    '{"payload":{"a":1,}}',
    '{"payload":01}',
    "{a:1}",
    '{"a":"\n"}',
    '{"a":tru}',
    '{,"a":1}',
    '\ufeff{"a":1}',
  ])("refuses %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  test("agrees with JSON.parse on every text made by cutting or changing one byte", () => {
    const text = '{"auth_data":{"a":[1,"\\\\"],"b":"\\""},"payload":{"x":"}","y":[{}]},"z":true}';
    for (let at = 0; at < text.length; at += 1) {
      for (const mutant of [
        text.slice(0, at),
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)},${text.slice(at)}`,
      ]) {
        expect(values(mutant)).toEqual(parsed(mutant));
      }
    }
  });
});

function values(text: string): unknown {
  const members = read(text);
  return members && Object.fromEntries(Object.entries(members).map(([key, { value }]) => [key, value]));
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
