import { generateKeyPairSync, sign } from "node:crypto";

/** The engine's key pair. Made anew at each start: a local engine has nothing to keep. */
export interface EngineKeys {
  readonly publicKeyPem: string;
  /** Signs a worker's URL, the way workers check it. */
  signUrl(url: string): string;
}

export function createKeys(): EngineKeys {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    // JSON.stringify spells an ASCII URL as Python's json.dumps(…, indent=4) does, and a URL is ASCII.
    signUrl: (url) => sign("RSA-SHA256", Buffer.from(JSON.stringify({ url }, null, 4)), privateKey).toString("base64"),
  };
}
