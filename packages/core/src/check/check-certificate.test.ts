import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { certificatePem, keyPem } from "./certificate.test.fixture.ts";
import { checkCertificate } from "./check-certificate.ts";

/** What the certificate itself says. */
const [from, to] = ["2026-11-24", "2027-11-24"];
const dayMilliseconds = 86_400_000;
const begin = Date.parse(from);
const end = Date.parse(to);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-check-"));
  const otherKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  await writeFile(join(folder, "its.crt"), certificatePem);
  await writeFile(join(folder, "its.key"), keyPem);
  await writeFile(join(folder, "other.key"), otherKey.export({ type: "pkcs8", format: "pem" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const check = ({ cert = "its.crt", key = "its.key", now = begin + dayMilliseconds } = {}) =>
  checkCertificate({ SSL_CERT_FILE: join(folder, cert), SSL_KEY_FILE: join(folder, key) }, now);

test("a certificate that holds, with its own key, is well", async () => {
  expect(await check()).toEqual([{ name: "certificate", outcome: "ok", found: expect.stringContaining(from) }]);
});

test("one that ends within a week is warned of", async () => {
  expect(await check({ now: end - 8 * dayMilliseconds })).toMatchObject([{ outcome: "ok" }]);
  expect(await check({ now: end - 6 * dayMilliseconds })).toMatchObject([
    { outcome: "warning", found: expect.stringContaining(to), advice: expect.stringContaining("signed") },
  ]);
});

test.each([
  ["not yet begun", begin - dayMilliseconds],
  ["ended", end + dayMilliseconds],
])("one that has %s is wrong", async (_when, now) => {
  expect(await check({ now })).toMatchObject([
    { outcome: "wrong", expected: expect.stringContaining("today"), found: `it holds from ${from} to ${to}` },
  ]);
});

test("the key of another certificate is wrong", async () => {
  expect(await check({ key: "other.key" })).toMatchObject([
    { outcome: "wrong", expected: expect.stringContaining("other.key"), found: "the key of another one" },
  ]);
});

test("each file that is missing, or something else, is named with its variable", async () => {
  expect(await check({ cert: "none.crt", key: "its.crt" })).toMatchObject([
    { outcome: "wrong", found: expect.stringContaining("ENOENT"), advice: expect.stringContaining("SSL_CERT_FILE") },
    { outcome: "wrong", expected: expect.stringContaining("its.crt"), advice: expect.stringContaining("SSL_KEY_FILE") },
  ]);
});
