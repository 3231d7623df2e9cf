import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Environment } from "../env.ts";
import { reasonOf } from "../reason-of.ts";
import type { Finding } from "./finding.ts";

const name = "certificate";
const dayMilliseconds = 86_400_000;
const soonDays = 7;

/** Whether certificate and key can be read, belong together, and hold today. */
export async function checkCertificate(
  { SSL_CERT_FILE: certFile, SSL_KEY_FILE: keyFile }: Pick<Environment, "SSL_CERT_FILE" | "SSL_KEY_FILE">,
  now = Date.now(),
): Promise<readonly Finding[]> {
  const [certificate, key] = await Promise.all([
    parseFile("SSL_CERT_FILE", { path: certFile, expected: "a certificate", parse: (pem) => new X509Certificate(pem) }),
    parseFile("SSL_KEY_FILE", { path: keyFile, expected: "a private key without a password", parse: createPrivateKey }),
  ]);
  if (!("value" in certificate) || !("value" in key)) {
    return [certificate, key].flatMap((file) => ("value" in file ? [] : file));
  }
  if (!certificate.value.checkPrivateKey(key.value)) {
    const expected = `${keyFile} (SSL_KEY_FILE) to be the key of ${certFile} (SSL_CERT_FILE)`;
    return [{ name, outcome: "wrong", expected, found: "the key of another one", advice: "have both made anew" }];
  }
  return [checkDates(certificate.value, { certFile, now })];
}

function checkDates(
  { validFromDate: from, validToDate: to }: X509Certificate,
  { certFile, now }: { certFile: string; now: number },
): Finding {
  const daysLeft = (to.getTime() - now) / dayMilliseconds;
  const found = `it holds from ${dayOf(from)} to ${dayOf(to)}`;
  if (daysLeft < 0 || from.getTime() > now) {
    const advice = "set this machine's clock, or have a new one signed";
    return { name, outcome: "wrong", expected: `${certFile} (SSL_CERT_FILE) to hold today`, found, advice };
  }
  return daysLeft < soonDays
    ? {
        name,
        outcome: "warning",
        expected: `${soonDays} days or more until it ends`,
        found,
        advice: "have a new one signed",
      }
    : { name, outcome: "ok", found: `${certFile} fits its key; ${found}` };
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

interface FileOf<Value> {
  path: string;
  expected: string;
  parse(pem: Buffer): Value;
}

async function parseFile<Value>(
  variable: string,
  { expected, parse, path }: FileOf<Value>,
): Promise<{ value: Value } | Finding> {
  try {
    return { value: parse(await readFile(path)) };
  } catch (error) {
    return {
      name,
      outcome: "wrong",
      expected: `${expected} at ${path}`,
      found: reasonOf(error),
      advice: `put it there, or set ${variable}`,
    };
  }
}
