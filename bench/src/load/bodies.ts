import type { Engine } from "@pyworker/engine";

interface Request {
  /** The worker's own URL, for which the signature is made. */
  url: string;
  prompt: string;
  stream?: boolean;
}

let lastReqnum = 0;

/** A signed request for a completion, as the Python client sends it. */
export const signedBody = (engine: Engine, { prompt, stream = false, url }: Request): Buffer =>
  signedPayload(engine, { url, payload: { model: "stand-in", max_tokens: 128, temperature: 0.7, stream, prompt } });

/** A payload in a signed envelope. */
export function signedPayload(engine: Engine, { payload, url }: { payload: object; url: string }): Buffer {
  lastReqnum += 1;
  // The reqnum makes every request one of its own. The engine has routed none of them: such ones it knows by the index 0.
  const unsigned = { cost: "128", endpoint: "local", reqnum: lastReqnum, request_idx: 0, url };
  const auth = { ...unsigned, signature: signatureFor(engine, url) };
  return Buffer.from(JSON.stringify({ auth_data: auth, session_id: null, payload }));
}

/** Signed requests of a given size, every prompt different. Made once for each worker's URL. */
export function createBodies(engine: Engine, { bytes, count }: { bytes: number; count: number }) {
  const made = new Map<string, readonly Buffer[]>();
  return (url: string): readonly Buffer[] => {
    const overhead = signedBody(engine, { prompt: "", url }).length;
    const make = () => signedBody(engine, { prompt: randomText(bytes - overhead), url });
    const bodies = made.get(url) ?? Array.from({ length: count }, make);
    made.set(url, bodies);
    return bodies;
  };
}

const signatures = new Map<string, string>();

/** The engine signs the URL alone: one signature does for all requests to a worker. */
function signatureFor(engine: Engine, url: string): string {
  const signature = signatures.get(url) ?? engine.sign({ url });
  signatures.set(url, signature);
  return signature;
}

const consonants = "bcdfghjklmnprstvw";
const vowels = "aeiou";

/** Words that nobody has seen before. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    const syllables = 1 + Math.floor(Math.random() * 3);
    text += Array.from({ length: syllables }, () => pick(consonants) + pick(vowels)).join("");
    text += " ";
  }
  return text.slice(0, length);
}

const pick = (letters: string): string => letters.charAt(Math.floor(Math.random() * letters.length));
