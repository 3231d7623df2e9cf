import { type KeyObject, verify } from "node:crypto";
import type { AuthData } from "./auth-data.ts";
import { pythonJson } from "./python-json.ts";

/** What the engine signed: `{"url"}` alone, or all of `auth_data`, as before 2025-12. */
export type SignatureForm = "url" | "full";

export interface SignatureRefusal {
  ok: false;
  reason: string;
  /** Whether a newer key could make it right. */
  mayBeNewKey: boolean;
}

export interface SignatureVerifier {
  /** `authText` is `auth_data` as the client sent it. A refusal's reason says what was checked, never what is right. */
  verify(authData: AuthData, authText: string): { ok: true } | SignatureRefusal;
  /** Forgets remembered pairs; for when the keys have changed. */
  forget(): void;
}

interface VerifierOptions {
  keys: () => readonly KeyObject[];
  /** This worker's URL as reported; a signature must be made for it, unless `checkUrl` is false. */
  ownUrl: string;
  checkUrl: boolean;
  onMatch: (form: SignatureForm) => void;
  /** The form that matched is not the one that matched before. */
  onForm: (form: SignatureForm) => void;
}

const rememberedPairs = 1024;
/** Enough for RSA of 8192 bits. Base64 may be padded with anything, and what is remembered must not be. */
const longestSignature = 2048;
/** More than any engine says. What is longer is not parsed for a signature, and not remembered. */
const longestAuthText = 16 * 1024;
const unsignedKeys = new Set(["signature", "__request_id"]);

export function createSignatureVerifier({
  keys,
  ownUrl,
  checkUrl,
  onMatch,
  onForm,
}: VerifierOptions): SignatureVerifier {
  // PKCS#1 v1.5 has no randomness: one worker sees the same pair again and again, and RSA stays off the hot path.
  const remembered = new Set<string>();
  const ownOrigin = originOf(ownUrl);
  let forms: readonly SignatureForm[] = ["url", "full"];
  let lastForm: SignatureForm | undefined;

  const matches = (form: SignatureForm, authData: AuthData, authText: string): boolean => {
    const signed = form === "url" ? authData.url : authText;
    if (authData.signature.length > longestSignature || signed.length > longestAuthText) {
      return false;
    }
    const pair = JSON.stringify([form, authData.signature, signed]);
    if (remembered.has(pair)) {
      return true;
    }
    const message = messageOf(form, authData, authText);
    if (message === undefined || !isSigned(message, authData.signature, keys())) {
      return false;
    }
    if (remembered.size >= rememberedPairs) {
      remembered.clear();
    }
    remembered.add(pair);
    return true;
  };

  return {
    verify: (authData, authText) => {
      if (checkUrl && authData.url !== ownUrl && (ownOrigin === undefined || originOf(authData.url) !== ownOrigin)) {
        return { ok: false, reason: "auth_data.url is not this worker's own URL", mayBeNewKey: false };
      }
      const form = forms.find((candidate) => matches(candidate, authData, authText));
      if (form === undefined) {
        const reason = 'signature matches neither {"url"} nor the whole of auth_data';
        return { ok: false, reason, mayBeNewKey: true };
      }
      if (form !== lastForm) {
        lastForm = form;
        forms = form === "url" ? ["url", "full"] : ["full", "url"];
        onForm(form);
      }
      onMatch(form);
      return { ok: true };
    },
    forget: () => remembered.clear(),
  };
}

function messageOf(form: SignatureForm, { url }: AuthData, authText: string): string | undefined {
  try {
    return form === "url" ? pythonJson(JSON.stringify({ url })) : pythonJson(authText, unsignedKeys);
  } catch {
    return undefined;
  }
}

function isSigned(message: string, signature: string, keys: readonly KeyObject[]): boolean {
  const bytes = Buffer.from(signature, "base64");
  return keys.some((key) => verify("RSA-SHA256", Buffer.from(message), key, bytes));
}

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);
