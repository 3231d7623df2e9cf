import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { AuthData } from "./auth/auth-data.ts";
import type { Clock } from "./clock.ts";
import { WorkerError } from "./errors.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** A sticky reservation of this worker. Times are Unix seconds. */
export interface Session {
  readonly id: string;
  /** `auth_data` as the client that created it sent it: whoever names the session must send the same. */
  readonly auth: unknown;
  readonly lifetime: number;
  expiration: number;
  readonly createdAt: number;
  readonly onCloseRoute: string | null;
  readonly onCloseUrl: string | undefined;
  readonly onClosePayload: unknown;
}

export interface NewSession {
  auth: unknown;
  authData: AuthData;
  lifetime: number;
  onCloseRoute: string | null;
  onCloseUrl: string | undefined;
  onClosePayload: unknown;
}

interface OpenSession extends Session {
  entry: LedgerEntry;
  requests: Set<AbortController>;
}

interface SessionOptions {
  clock: Clock;
  ledger: Ledger;
  /** Sessions at a time; 0 or null: without limit. */
  limit: number | null;
  /** Tells the client's own service that a session has closed. Best effort. */
  callClose: (url: string, body: Record<string, unknown>) => Promise<void>;
  /** A session is over, and booked as served. */
  onClosed: (workload: number) => void;
}

const sweepMilliseconds = 5000;
const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const idLength = 13;

/** All sessions of a worker. Knows nothing of HTTP. */
export class SessionStore {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, OpenSession>();
  readonly #closing = new Map<string, Promise<void>>();
  #cancelSweep = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  start(): void {
    this.#cancelSweep = this.#options.clock.after(sweepMilliseconds, () => {
      this.#closeExpired();
      this.start();
    });
  }

  /** Undefined at the limit. */
  create({ authData, ...session }: NewSession): Session | undefined {
    const { clock, ledger, limit } = this.#options;
    if (limit && this.#sessions.size >= limit) {
      return undefined;
    }
    const { requestIdx, reqnum, cost } = authData;
    const entry = ledger.open({ requestIdx, reqnum, workload: cost, kind: "session" });
    ledger.start(entry);
    const createdAt = clock.now();
    const expiration = createdAt + session.lifetime;
    const open = { ...session, id: newId(), createdAt, expiration, entry, requests: new Set<AbortController>() };
    this.#sessions.set(open.id, open);
    return open;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  isClosing(id: string): boolean {
    return this.#closing.has(id);
  }

  /** Whether `auth` is the `auth_data` that created the session. */
  matches(session: Session, auth: unknown): boolean {
    return isDeepStrictEqual(session.auth, auth);
  }

  extend(session: Session): void {
    session.expiration += session.lifetime;
  }

  /** Ties a request to its session: it is aborted when the session closes. */
  track(session: Session, request: AbortController): void {
    this.#sessions.get(session.id)?.requests.add(request);
  }

  untrack(session: Session, request: AbortController): void {
    this.#sessions.get(session.id)?.requests.delete(request);
  }

  /** Aborts what runs in the session, tells its `on_close_route`, and books it as served. */
  close(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      return this.#closing.get(id) ?? Promise.resolve();
    }
    this.#sessions.delete(id);
    const closed = this.#finish(session).finally(() => this.#closing.delete(id));
    this.#closing.set(id, closed);
    return closed;
  }

  /** Closes every session; for when the worker stops. */
  async stop(): Promise<void> {
    this.#cancelSweep();
    await Promise.all([...this.#sessions.keys()].map((id) => this.close(id)));
    await Promise.all(this.#closing.values());
  }

  async #finish({ id, entry, requests, onCloseUrl, onClosePayload }: OpenSession): Promise<void> {
    for (const request of requests) {
      request.abort(new WorkerError("invalid_session", "the session was closed"));
    }
    if (onCloseUrl !== undefined) {
      const body = { ...closePayload(onClosePayload), session_id: id };
      await this.#options.callClose(onCloseUrl, body).catch(() => undefined);
    }
    this.#options.ledger.close(entry, "Success");
    this.#options.onClosed(entry.workload);
  }

  #closeExpired(): void {
    const now = this.#options.clock.now();
    for (const { id, expiration } of this.#sessions.values()) {
      if (expiration <= now) {
        void this.close(id);
      }
    }
  }
}

function closePayload(payload: unknown): Record<string, unknown> {
  if (payload === null || payload === undefined) {
    return {};
  }
  return typeof payload === "object" && !Array.isArray(payload) ? { ...payload } : { payload };
}

const newId = (): string =>
  Array.from({ length: idLength }, () => idCharacters[randomInt(idCharacters.length)]).join("");
