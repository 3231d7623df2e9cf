import { generateKeyPairSync, sign } from "node:crypto";

/** What a signature covers: the worker's URL, or, as before 2025-12, all that the worker is told. */
export type SignatureForm = "url" | "full";

/** `auth_data`, or as much of it as is known. */
export interface SignedFields {
  readonly url: string;
  readonly [field: string]: string | number;
}

/** The engine's key pair. Made anew for each engine: a local one has nothing to keep. */
export interface EngineKeys {
  readonly publicKeyPem: string;
  /** The base64 signature, over the text that workers check. */
  sign(fields: SignedFields, form?: SignatureForm): string;
}

export function createKeys(): EngineKeys {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (fields, form = "url") => {
      const text = pythonJson(form === "url" ? { url: fields.url } : fields);
      return sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64");
    },
  };
}

const unsigned = new Set(["signature", "__request_id"]);
const beyondAscii = /[\u007f-\uffff]/g;

/** Python's `json.dumps(fields, indent=4, sort_keys=True)`, less what is never signed. Numbers must be whole. */
function pythonJson(fields: Readonly<Record<string, string | number>>): string {
  const signed = Object.entries(fields)
    .filter(([name]) => !unsigned.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(Object.fromEntries(signed), null, 4).replace(
    beyondAscii,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
