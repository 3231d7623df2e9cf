import type { Contract, Violation } from "../contract.ts";
import type { EngineKeys } from "../keys.ts";
import type { Registry } from "../registry.ts";
import type { Router } from "../routing.ts";

/** What clients ask for by name, and pay for by key. */
export interface Endpoint {
  id: number;
  name: string;
  apiKey: string;
}

export interface EngineParts {
  endpoints: readonly Endpoint[];
  keys: EngineKeys;
  registry: Registry;
  router: Router;
  contract: Contract;
  violations: readonly Violation[];
  /** A status was recorded. */
  onReport(): void;
  onEnded(requestIdx: number, status: string): void;
  /** Resolves at the next recorded status, or when the signal aborts. Never rejects. */
  nextReport(signal: AbortSignal): Promise<void>;
  /** How long a client is held while no worker is ready. */
  holdMs: number;
}
