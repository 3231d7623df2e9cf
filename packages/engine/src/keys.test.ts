import { verify } from "node:crypto";
import { expect, test } from "@jest/globals";
import { createKeys } from "./keys.ts";

const keys = createKeys();
const authData = {
  url: "http://127.0.0.1:4000",
  cost: "10",
  endpoint: "büro \u007f 😀",
  reqnum: 7,
  request_idx: 8,
  __request_id: "8-7",
};

const isSigned = (text: string, signature: string): boolean =>
  verify("RSA-SHA256", Buffer.from(text), keys.publicKeyPem, Buffer.from(signature, "base64"));

test("signs the worker's URL alone", () => {
  expect(isSigned('{\n    "url": "http://127.0.0.1:4000"\n}', keys.sign(authData))).toBe(true);
});

test("signs all of auth_data but the signature and __request_id, sorted and in ASCII, in the full form", () => {
  const text = `{
    "cost": "10",
    "endpoint": "b\\u00fcro \\u007f \\ud83d\\ude00",
    "reqnum": 7,
    "request_idx": 8,
    "url": "http://127.0.0.1:4000"
}`;
  expect(isSigned(text, keys.sign({ ...authData, signature: "from before" }, "full"))).toBe(true);
});
