import { createPublicKey, type KeyObject } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createSigner, type SignedAuthData } from "@pyworker/testing";
import { readAuthData } from "./auth-data.ts";
import { createSignatureVerifier, type SignatureForm } from "./signature.ts";

const ownUrl = "http://1.2.3.4:40123";
const [signer, otherSigner] = [createSigner(), createSigner()];
const keyOf = ({ publicKeyPem }: { publicKeyPem: string }): KeyObject => createPublicKey(publicKeyPem);

interface SetUp {
  keys?: readonly KeyObject[];
  url?: string;
  checkUrl?: boolean;
}

function setUp({ keys = [keyOf(signer)], url = ownUrl, checkUrl = true }: SetUp = {}) {
  const matched: SignatureForm[] = [];
  const forms: SignatureForm[] = [];
  let checks = 0;
  let current = keys;
  const verifier = createSignatureVerifier({
    keys: () => {
      checks += 1;
      return current;
    },
    ownUrl: url,
    checkUrl,
    onMatch: (form) => matched.push(form),
    onForm: (form) => forms.push(form),
  });
  const verifyText = (text: string) => {
    const read = readAuthData(JSON.parse(text));
    if (!read.ok) {
      throw new Error(JSON.stringify(read.problems));
    }
    return verifier.verify(read.authData, text);
  };
  return {
    verifier,
    verifyText,
    verify: (authData: SignedAuthData | Record<string, unknown>) => verifyText(JSON.stringify(authData)),
    setKeys: (next: readonly KeyObject[]) => {
      current = next;
    },
    matched,
    forms,
    /** How often RSA was needed. */
    checks: () => checks,
  };
}

// Signed by openssl over what CPython printed.
const foreignKey = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyJpMMtX0BSDtLABCJ76v
46RxJV/2WG82NAwCLu6hZ8MDW4DfFXYvnDWvAOZYlN8b1DC1I4q7XyKXtESnBiBI
msBJnrAD4OmDMRrpDcjiMWQEscfIhwxFg1+II2pqwDardAq7L6wIrAGM8r8KbR98
LmmQqO6BgLEo+2AAJJzFRPPeHCabpp3HYeQ1MINfeqyVTOKy6KHshyee/az5jvMJ
UP9HbboqpgMrsqkamL3jF2geAqN1vNjSJjnIjN/2leuftZsDkqOeWgFIgniUnf4z
SjiB+IoO1DV+rPbTlqB5p6EIvwZAs4f0bf5K9JSLACfgcsPhQMaK997M3uJzUFUU
vwIDAQAB
-----END PUBLIC KEY-----`);
const foreignUrlSignature =
  "a5aBNBuBebf/G4Vy0kOcHi7o68wY68sJjw6JverKydKrr3QnHH+CFicwDiivGm59JMiNCPe3Loh4l2BL9jNlPPXp+Ao42g/YMoEg66qbRbQ74p2YPTwAT9nzeziqQkPsBQQGKFKL5bgkjcAEVz+7bVZp+c/8qvVrz4zq4UmdWTmM1huH96MEtHmThd/QjykFXLE09oeZYogVF1lO8gQoOugs3OR2fND0ZD37XhZfEB0OSO94p9sHLc8XVtfLqPgCXBMOBdIuvCrYMF01F180Z0cpF16ORJpaoSdYpAKLOXnmjZiStEfhBhrrBINHrWDpIfNjrnm+BSDUEPXbPA6/1w==";
const foreignFullSignature =
  "Af18Eo8JQvRzVbMeVb1pSzzmSPEnA0An6OTwj3kxKs1txG8nDeesLeuYg+/qfPkEkcy2GimfbfoX/HPWA70LFUkMo+kqRjOJtYiHFMVw0K+BUSn54Fps2C9P0GrDqNog9qYcABxmjfle9LGxXpDlydjAX9Qi2Ikks0aKPQb6WmhL9RmO04R7gXjxcKmVgENma2iJ7m2ambqUUbNkFQ7XMfcMlIOBi/3G/aKrjyT5cd408RW3TzhYu4PM2weRjqV2K9DIjaOpU0H28VEknHQaIipQfwFUD+r0RLoHAevZ9iGYE0gQwUHFmykZ8kHGPRN0pP0SfYzUuHEcBPhZLFYOjg==";
const foreignFields =
  '"url": "http://1.2.3.4:40123", "cost": 256.0, "endpoint": "café 😀", "reqnum": 7, "request_idx": 12345, "price": 1e-05, "tags": []';

describe("the two forms", () => {
  test("verifies what Python signed, the URL alone and all of auth_data", () => {
    const { matched, verifyText } = setUp({ keys: [foreignKey] });
    expect(verifyText(`{"signature": "${foreignUrlSignature}", ${foreignFields}}`)).toEqual({ ok: true });
    expect(verifyText(`{"__request_id": "x", ${foreignFields}, "signature": "${foreignFullSignature}"}`)).toEqual({
      ok: true,
    });
    expect(matched).toEqual(["url", "full"]);
  });

  test("with the URL alone, protects the URL and nothing else", () => {
    const { verify } = setUp({ checkUrl: false });
    const authData = signer.authData(ownUrl);
    expect(verify({ ...authData, cost: 1, reqnum: 99, extra: true })).toEqual({ ok: true });
    expect(verify({ ...authData, url: `${ownUrl}/` })).toMatchObject({ ok: false });
  });

  test.each([
    ["cost", "257"],
    ["reqnum", 1],
    ["request_idx", 1],
    ["endpoint", "other"],
    ["url", `${ownUrl}/`],
    ["extra", null],
  ])("with all of auth_data, protects %s", (name, value) => {
    const { verify } = setUp();
    const authData = signer.fullAuthData(ownUrl);
    expect(verify({ ...authData, __request_id: "anything" })).toEqual({ ok: true });
    expect(verify({ ...authData, [name]: value })).toMatchObject({ ok: false });
  });

  test("takes a signature for the spelling it was made for: 1.0 is not 1", () => {
    const { verifyText } = setUp({ keys: [foreignKey] });
    const text = `{${foreignFields}, "signature": "${foreignFullSignature}"}`;
    expect(verifyText(text.replace("256.0", "2.56e2"))).toEqual({ ok: true });
    expect(verifyText(text.replace("256.0", "256"))).toMatchObject({ ok: false });
  });

  test("tries the form that matched last first", () => {
    const { checks, verify } = setUp();
    verify(signer.fullAuthData(ownUrl));
    expect(checks()).toBe(2);
    verify(signer.fullAuthData(ownUrl));
    expect(checks()).toBe(3);
    verify(signer.authData(ownUrl));
    expect(checks()).toBe(5);
    verify(signer.fullAuthData(ownUrl));
    expect(checks()).toBe(7);
  });
});

describe("remembered pairs", () => {
  test("take RSA off the way of a signature seen before", () => {
    const { checks, matched, verify } = setUp();
    for (let count = 0; count < 10; count += 1) {
      expect(verify(signer.authData(ownUrl))).toEqual({ ok: true });
    }
    expect(checks()).toBe(1);
    expect(matched).toHaveLength(10);
  });

  test("are not taken for one another", () => {
    const { verify } = setUp({ checkUrl: false });
    const { signature } = signer.authData(ownUrl);
    const authData = signer.authData(ownUrl, { signature: `${signature}\n` });
    expect(verify(authData)).toEqual({ ok: true });
    expect(verify({ ...authData, signature, url: `\n${ownUrl}` })).toMatchObject({ ok: false });
  });

  test("do not include what was refused", () => {
    const { checks, verify } = setUp();
    const authData = otherSigner.authData(ownUrl);
    expect(verify(authData)).toMatchObject({ ok: false });
    expect(verify(authData)).toMatchObject({ ok: false });
    expect(checks()).toBe(4);
  });

  test("are forgotten when the keys have changed", () => {
    const { setKeys, verifier, verify } = setUp();
    const authData = signer.authData(ownUrl);
    expect(verify(authData)).toEqual({ ok: true });
    setKeys([keyOf(otherSigner)]);
    verifier.forget();
    expect(verify(authData)).toMatchObject({ ok: false });
    expect(verify(otherSigner.authData(ownUrl))).toEqual({ ok: true });
  });

  test("are bounded, in number and in size", () => {
    const { checks, verify } = setUp();
    const first = signer.authData(ownUrl);
    const { signature } = first;
    verify(first);
    // Base64 lets blanks be: each of these is a pair of its own, and each is valid.
    for (let blanks = 1; blanks <= 1024; blanks += 1) {
      expect(verify({ ...first, signature: signature + " ".repeat(blanks) })).toEqual({ ok: true });
    }
    expect(checks()).toBe(1025);
    verify(first);
    expect(checks()).toBe(1026);
    expect(verify({ ...first, signature: signature + " ".repeat(2048) })).toMatchObject({ ok: false });
    expect(verify({ ...signer.fullAuthData(ownUrl), filler: "x".repeat(20_000) })).toMatchObject({ ok: false });
    expect(checks()).toBe(1027);
  });
});

describe("the worker's own URL", () => {
  test.each([
    [ownUrl, ownUrl],
    [ownUrl, `${ownUrl}/`],
    [ownUrl, `${ownUrl}/some/path?query`],
    [ownUrl, "HTTP://1.2.3.4:40123"],
    ["http://worker.example:80", "http://worker.example"],
    ["https://Worker.example", "https://worker.EXAMPLE:443/"],
    ["http://[2001:db8::1]:40123", "http://[2001:DB8:0::1]:40123"],
  ])("reported as %s accepts a signature for %s", (own, url) => {
    expect(setUp({ url: own }).verify(signer.authData(url))).toEqual({ ok: true });
  });

  test.each([
    "https://1.2.3.4:40123",
    "http://1.2.3.4:40124",
    "http://1.2.3.4",
    "http://1.2.3.40:40123",
    "http://1.2.3.4:40123.evil.example",
    "http://1.2.3.4:40123@evil.example",
    "http://evil.example/http://1.2.3.4:40123",
    "1.2.3.4:40123",
    "",
    "null",
    "file:///",
  ])("refuses a signature made for %j", (url) => {
    const { checks, verify } = setUp();
    expect(verify(signer.authData(url))).toEqual({
      ok: false,
      reason: "auth_data.url is not this worker's own URL",
      mayBeNewKey: false,
    });
    expect(checks()).toBe(0);
  });

  test("does not take two broken URLs for the same", () => {
    expect(setUp({ url: "http://not a host" }).verify(signer.authData("neither"))).toMatchObject({ ok: false });
  });

  test("is not asked for where the check is turned off", () => {
    expect(setUp({ checkUrl: false }).verify(signer.authData("http://9.9.9.9:1"))).toEqual({ ok: true });
  });
});

test("tells of the form only when it changes", () => {
  const { forms, verify } = setUp();
  for (const authData of [
    signer.authData,
    signer.authData,
    signer.fullAuthData,
    signer.fullAuthData,
    signer.authData,
  ]) {
    verify(authData(ownUrl));
  }
  expect(forms).toEqual(["url", "full", "url"]);
});

describe("refusals", () => {
  test.each([
    ["empty", ""],
    ["no base64", "!!! not base64 !!!"],
    ["too short", "AAAA"],
    ["of the right length", "A".repeat(344)],
    ["endless", "A".repeat(1_000_000)],
    ["no text", "\u0000\ud800"],
  ])("a signature that is %s", (_what, signature) => {
    const { verify } = setUp();
    expect(verify(signer.authData(ownUrl, { signature }))).toEqual({
      ok: false,
      reason: 'signature matches neither {"url"} nor the whole of auth_data',
      mayBeNewKey: true,
    });
  });

  test("a signature by somebody else's key, until that is a key of the engine too", () => {
    const { setKeys, verify } = setUp();
    const authData = otherSigner.authData(ownUrl);
    expect(verify(authData)).toMatchObject({ ok: false });
    setKeys([keyOf(signer), keyOf(otherSigner)]);
    expect(verify(authData)).toEqual({ ok: true });
    expect(verify(signer.authData(ownUrl))).toEqual({ ok: true });
    expect(verify(otherSigner.fullAuthData(ownUrl))).toEqual({ ok: true });
  });

  test("anything, as long as there is no key", () => {
    expect(setUp({ keys: [] }).verify(signer.authData(ownUrl))).toMatchObject({ ok: false });
  });

  test("auth_data that nests too deep to be signed", () => {
    const { verifyText } = setUp();
    const text = JSON.stringify(otherSigner.authData(ownUrl));
    const deep = `${"[".repeat(5000)}1.0${"]".repeat(5000)}`;
    expect(verifyText(`${text.slice(0, -1)},"deep":${deep}}`)).toMatchObject({ ok: false });
  });

  test("never tell what would have been right", () => {
    const { verify } = setUp();
    const result = verify(otherSigner.authData(ownUrl));
    expect(JSON.stringify(result)).not.toContain(signer.authData(ownUrl).signature.slice(0, 20));
    expect(JSON.stringify(verify(signer.authData("http://9.9.9.9:1")))).not.toContain("1.2.3.4");
  });
});
