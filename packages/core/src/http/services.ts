import type { Logger } from "pino";
import type { Gates } from "../admission.ts";
import type { PublicKeys } from "../auth/public-key.ts";
import type { SignatureVerifier } from "../auth/signature.ts";
import type { Clock } from "../clock.ts";
import type { WorkerConfig } from "../config.ts";
import type { Ledger } from "../ledger.ts";
import type { WorkerLifecycle } from "../lifecycle.ts";
import type { SessionStore } from "../sessions.ts";
import type { Telemetry } from "../telemetry.ts";
import type { ModelClient } from "./model-client.ts";
import type { BodyReader } from "./read-body.ts";
import type { RefusalLog } from "./refusal-log.ts";
import type { RequestTracker } from "./request-tracker.ts";

/** What the request path works with. One of each for a worker. */
export interface Services {
  config: WorkerConfig;
  clock: Clock;
  log: Logger;
  telemetry: Telemetry;
  lifecycle: WorkerLifecycle;
  ledger: Ledger;
  gates: Gates;
  keys: PublicKeys;
  verifier: SignatureVerifier;
  sessions: SessionStore;
  model: ModelClient;
  bodies: BodyReader;
  requests: RequestTracker;
  refusals: RefusalLog;
}
