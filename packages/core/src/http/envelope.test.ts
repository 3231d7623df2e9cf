import { describe, expect, test } from "@jest/globals";
import { pick, seededRandom } from "@pyworker/testing";
import { WorkerError } from "../errors.ts";
import { readEnvelope } from "./envelope.ts";

const ownUrl = "http://1.2.3.4:40123";
const auth = {
  cost: "256",
  endpoint: "my-endpoint",
  reqnum: 7,
  request_idx: 12345,
  signature: "c2ln",
  url: ownUrl,
  __request_id: "x",
};

const read = (body: string | Buffer, unsecured = false) => readEnvelope(Buffer.from(body), { unsecured, ownUrl });

/** What the client is told. */
function refusal(body: string | Buffer, unsecured = false): { status: number; body: unknown } {
  try {
    read(body, unsecured);
  } catch (error) {
    if (WorkerError.is(error)) {
      return { status: error.status, body: error.body };
    }
    throw error;
  }
  throw new Error("expected a refusal");
}

const envelope = (fields: Record<string, unknown>) => JSON.stringify({ auth_data: auth, payload: {}, ...fields });

describe("an envelope", () => {
  test("is read into its parts, and what was sent is kept as it was sent", () => {
    const payload = '{ "seed": 9223372036854775807,\n"x": 1.0, "é": "\\u00e9" }';
    const text = ` {"session_id": "abc", "auth_data": ${JSON.stringify(auth, null, 1)}, "payload": ${payload} } \n`;
    const found = read(text);
    expect(found.authData).toEqual({
      cost: 256,
      endpoint: "my-endpoint",
      reqnum: 7,
      requestIdx: 12345,
      signature: "c2ln",
      url: ownUrl,
    });
    expect(found.auth).toEqual(auth);
    expect(found.authText).toBe(JSON.stringify(auth, null, 1));
    expect(found.sessionId).toBe("abc");
    expect(found.payload).toEqual({ seed: 9223372036854775807n, x: 1, é: "é" });
    expect(found.payloadBytes.toString()).toBe(payload);
  });

  test.each([
    ["absent", {}, undefined],
    ["null", { session_id: null }, undefined],
    ["a string", { session_id: "abc" }, "abc"],
  ])("has no session where session_id is %s", (_what, fields, sessionId) => {
    expect(read(envelope(fields)).sessionId).toBe(sessionId);
  });

  test.each([null, [], [1], "text", 5, false, {}])("may hold any payload: %j", (payload) => {
    expect(read(envelope({ payload })).payload).toEqual(payload);
    expect(read(envelope({ payload })).payloadBytes.toString()).toBe(JSON.stringify(payload));
    expect(read(envelope({ payload }), true).payload).toEqual(payload);
  });

  test("counts the last of two members of one name, in whatever order they come", () => {
    const text = JSON.stringify(auth);
    expect(read(`{"payload":{"a":1},"auth_data":${text},"payload":{"a":2}}`).payload).toEqual({ a: 2 });
    expect(read(`{"auth_data":5,"payload":{},"auth_data":${text}}`).authData.requestIdx).toBe(12345);
    expect(read(`{"payload":{},"session_id":"a","session_id":null,"auth_data":${text}}`).sessionId).toBeUndefined();
  });

  test("takes nothing from keys that name a prototype", () => {
    const text = `{"__proto__":${envelope({})},"auth_data":${JSON.stringify(auth)}}`;
    expect(refusal(text).body).toEqual({ payload: "field missing" });
    const { payload } = read(envelope({ payload: JSON.parse('{"__proto__":{"polluted":1}}') }));
    expect(Object.keys(Object(payload))).toEqual(["__proto__"]);
    expect("polluted" in {}).toBe(false);
  });
});

describe("a refusal names what is wrong, all of it at once", () => {
  test.each([
    ["nothing", ""],
    ["blanks", " \n"],
    ["broken JSON", '{"auth_data":'],
    ["a list", "[]"],
    ["a number", "5"],
    ["a string", '"{}"'],
    ["null", "null"],
    ["text after the end", `${envelope({})}x`],
    ["NaN", '{"auth_data":{},"payload":NaN}'],
    ["a byte order mark", `\ufeff${envelope({})}`],
    ["invalid UTF-8", Buffer.from(envelope({ payload: "é" }), "latin1")],
    ["UTF-16", Buffer.from(envelope({}), "utf16le")],
    ["form fields", "auth_data=1&payload=2"],
  ])("%s", (_what, body) => {
    expect(refusal(body)).toEqual({ status: 422, body: { error: "invalid JSON" } });
    expect(refusal(body, true)).toEqual({ status: 422, body: { error: "invalid JSON" } });
  });

  test.each([
    ["{}", { auth_data: "field missing", payload: "field missing" }],
    ['{"payload":{}}', { auth_data: "field missing" }],
    [JSON.stringify({ auth_data: auth }), { payload: "field missing" }],
    [envelope({ auth_data: null }), { auth_data: "expected an object" }],
    [envelope({ auth_data: [] }), { auth_data: "expected an object" }],
    [
      envelope({ auth_data: "x", session_id: 5 }),
      { auth_data: "expected an object", session_id: "expected a string or null" },
    ],
    [envelope({ auth_data: { ...auth, signature: undefined } }), { auth_data: { signature: "missing parameter" } }],
    [
      '{"auth_data":{"url":5,"cost":-1}}',
      {
        auth_data: {
          cost: "expected a number of 0 or more",
          endpoint: "missing parameter",
          reqnum: "missing parameter",
          request_idx: "missing parameter",
          signature: "missing parameter",
          url: "expected a string",
        },
        payload: "field missing",
      },
    ],
    [envelope({ session_id: {} }), { session_id: "expected a string or null" }],
    ['{"auth_data":{"cost":1e400},"payload":1}', expect.objectContaining({ auth_data: expect.anything() })],
  ])("%s", (body, problems) => {
    expect(refusal(body)).toEqual({ status: 422, body: problems });
  });

  test.each(["auth_data", "payload", "something_else"])("%s that nests too deep", (name) => {
    const nested = (depth: number) =>
      envelope({}).replace(/}$/, `,"${name}":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    for (const depth of [501, 2000, 100_000]) {
      expect(refusal(nested(depth))).toEqual({
        status: 422,
        body: { error: "JSON nested deeper than 500 levels" },
      });
    }
    const withSeed = `{"payload":[${'{"a":'.repeat(20_000)}1234567890123456789${"}".repeat(20_000)}]}`;
    expect(refusal(withSeed).status).toBe(422);
    if (name === "payload") {
      expect(read(nested(499)).payload).toHaveLength(1);
    }
  });

  test("with the same effort for each byte, however often a name comes", () => {
    const body = `{${'"payload":[1],'.repeat(400_000)}"x":1}`;
    expect(refusal(body).status).toBe(422);
  }, 20_000);
});

describe("unsecured", () => {
  test("fills in what auth_data lacks", () => {
    const found = read(
      '{"auth_data":{"cost":5,"extra":12345678901234567890},"session_id":"abc","payload":{"a":1}}',
      true,
    );
    expect(found.authData).toEqual({
      cost: 5,
      endpoint: "local",
      reqnum: 0,
      requestIdx: 0,
      signature: "",
      url: ownUrl,
    });
    expect(found.sessionId).toBe("abc");
    expect(found.payload).toEqual({ a: 1 });
    expect(JSON.parse(found.authText)).toMatchObject({ endpoint: "local", cost: 5 });
  });

  test.each([
    ["without auth_data", '{"payload":{"a":1}}'],
    ["with auth_data that is no object", '{"auth_data":null,"payload":{"a":1}}'],
    ["with empty auth_data", '{"auth_data":{},"session_id":null,"payload":{"a":1}}'],
  ])("takes an envelope %s", (_what, body) => {
    expect(read(body, true)).toMatchObject({ payload: { a: 1 }, sessionId: undefined, authData: { url: ownUrl } });
  });

  test.each(['{"prompt":"x","seed":9223372036854775807}', "{}", ' {"prompt":"x","session_id":5} '])(
    "takes %s, which is no envelope, for the payload itself",
    (body) => {
      const found = read(body, true);
      expect(found.payloadBytes.toString()).toBe(body);
      expect(found.sessionId).toBeUndefined();
      expect(Object.keys(Object(found.payload))).toEqual(Object.keys(JSON.parse(body)));
    },
  );

  test("still refuses what is given and wrong", () => {
    expect(refusal('{"auth_data":{"cost":"many","url":5},"session_id":7}', true)).toEqual({
      status: 422,
      body: {
        auth_data: { cost: "expected a number of 0 or more", url: "expected a string" },
        session_id: "expected a string or null",
        payload: "field missing",
      },
    });
  });
});

test.each([1, 2])("5000 bodies are read or refused with 422, and nothing else happens (%d)", (seed) => {
  const random = seededRandom(seed);
  const whole = envelope({ session_id: "abc", payload: { messages: [{ role: "user", content: 'a}"\\' }], n: 1e3 } });
  const pieces: [string, ...string[]] = [
    " ",
    ...'{ } [ ] " \\ , : \u0000 é 1 - e9 0 true null {} [] 1e999 \\u0000'.split(" "),
    ...["auth_data", "payload", "session_id", "__proto__"].map((name) => `"${name}":`),
    "9".repeat(30),
    "[".repeat(600),
  ];
  const mutate = (text: string): string => {
    const at = Math.floor(random() * text.length);
    const until = at + Math.floor(random() * 20);
    return text.slice(0, at) + (random() < 0.7 ? pick(random, pieces) : "") + text.slice(until);
  };
  for (let count = 0; count < 5000; count += 1) {
    let body = whole;
    for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
      body = mutate(body);
    }
    const unsecured = random() < 0.3;
    try {
      read(body, unsecured);
    } catch (error) {
      if (!WorkerError.is(error) || error.status !== 422) {
        throw new Error(`${body}: ${error}`);
      }
    }
  }
});
