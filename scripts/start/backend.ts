import type { Client } from "./client.ts";
import type { BackendOption, Options } from "./options.ts";

/** What `npm start` needs to know of a backend. */
export interface Backend {
  /** The options it takes that not every backend does. */
  readonly options: readonly BackendOption[];
  /** How long a worker on a real model may take to be ready. */
  readonly readyWithinMinutes: number;
  /** Finds the model server that the options name, or starts a stand-in. */
  provide(setup: Setup): Promise<Behind>;
  /** Sends one request and shows its answer. Resolves to whether it came to something. */
  ask(client: Client, options: Options): Promise<boolean>;
}

export interface Setup {
  options: Options;
  /** For what nobody needs afterwards. */
  folder: string;
  onStop(cleanUp: () => Promise<unknown>): void;
}

/** What stands behind the worker. */
export interface Behind {
  servers: readonly { name: string; url: string; note?: string }[];
  /** The worker's environment variables that lead to it. */
  environment: Readonly<Record<string, string>>;
}
