import type { AuthData } from "../auth/auth-data.ts";
import { WorkerError } from "../errors.ts";
import type { Services } from "./services.ts";

/**
 * Checks the signature. A failed one is checked again where the engine has a new key by now. Throws WorkerError 401,
 * or 503 while there is no key to check with.
 */
export async function authenticate(services: Services, authData: AuthData, authText: string): Promise<void> {
  const { config, keys, refusals, verifier } = services;
  if (config.environment.UNSECURED) {
    return;
  }
  if (keys.keys().length === 0) {
    throw notReady("the engine's public key has not arrived yet");
  }
  let result = verifier.verify(authData, authText);
  if (!result.ok && result.mayBeNewKey && (await keys.refresh())) {
    result = verifier.verify(authData, authText);
  }
  if (!result.ok) {
    refusals.note(result.reason);
    throw new WorkerError("unauthorized", result.reason);
  }
}

/** The 503 of a worker that can't serve yet. */
export const notReady = (message: string): WorkerError =>
  new WorkerError("not_ready", message, { headers: { "retry-after": "5" } });
