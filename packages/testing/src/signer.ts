import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** `auth_data` as the engine hands it out. */
export interface SignedAuthData {
  cost: string;
  endpoint: string;
  reqnum: number;
  request_idx: number;
  signature: string;
  url: string;
}

/** Signs as the engine does, with a key made for the occasion. */
export interface Signer {
  readonly publicKeyPem: string;
  /** Today's form: the signature covers the URL alone. */
  authData(url: string, fields?: Partial<SignedAuthData>): SignedAuthData;
  /** The form before 2025-12: it covers everything else. */
  fullAuthData(url: string, fields?: Partial<SignedAuthData>): SignedAuthData;
}

export function createSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  let requestIdx = 1000;
  const unsigned = (url: string, fields: Partial<SignedAuthData>) => {
    requestIdx += 1;
    return { cost: "256", endpoint: "local", reqnum: requestIdx, request_idx: requestIdx, url, ...fields };
  };
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    authData: (url, fields = {}) => ({ ...unsigned(url, fields), signature: signText({ url }, privateKey), ...fields }),
    fullAuthData: (url, fields = {}) => {
      const message = unsigned(url, fields);
      return { ...message, signature: signText(message, privateKey), ...fields };
    },
  };
}

/** Python's `json.dumps(message, indent=4, sort_keys=True)`, for plain ASCII values. */
function signText(message: Record<string, unknown>, key: KeyObject): string {
  const sorted = Object.fromEntries(Object.entries(message).sort(([left], [right]) => (left < right ? -1 : 1)));
  return sign("RSA-SHA256", Buffer.from(JSON.stringify(sorted, null, 4)), key).toString("base64");
}
