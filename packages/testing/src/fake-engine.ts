import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./server/free-ports.ts";
import { listenOn } from "./server/listen-on.ts";
import { sendJson } from "./server/send-json.ts";
import { createSigner, type Signer } from "./signer.ts";
import { until } from "./until.ts";

/** A report as it came; loosely typed, since what it holds is what is tested. */
export type ReportBody = Record<string, unknown> & { [field: string]: unknown };

export interface FakeEngineFaults {
  /** Answer 500 to every request for which this returns true. */
  fails?: () => boolean;
  delayMs?: number;
  /** Answer 500 to whoever asks for the key. */
  hidesKey?: boolean;
}

/** An engine that only listens: it hands out its key, and keeps the reports it accepts. */
export interface FakeEngine {
  readonly url: string;
  /** Signs with the key of the day. */
  readonly signer: Signer;
  readonly statuses: ReportBody[];
  readonly deletions: ReportBody[];
  readonly faults: FakeEngineFaults;
  /** Waits for an accepted status; one that came before this call counts. */
  status(predicate: (status: ReportBody) => boolean, timeoutMs?: number): Promise<ReportBody>;
  /** Signs with a new key from now on. */
  rotateKey(): void;
  /** The sum of a field over all accepted statuses. */
  sum(field: string): number;
  /** Leaves the port; `listen` comes back to it. */
  close(): Promise<void>;
  listen(): Promise<void>;
}

export async function startFakeEngine(): Promise<FakeEngine> {
  let signer = createSigner();
  const statuses: ReportBody[] = [];
  const deletions: ReportBody[] = [];
  const faults: FakeEngineFaults = {};
  // None that an outgoing connection may have taken when this comes back to it.
  const port = await freePort();

  const handle = async (path: string, body: string): Promise<{ status: number; answer: unknown }> => {
    await sleep(faults.delayMs ?? 0);
    if (faults.fails?.()) {
      return { status: 500, answer: { error: "fault on demand" } };
    }
    if (path === "/worker_status/") {
      statuses.push(JSON.parse(body));
    } else if (path === "/delete_requests/") {
      deletions.push(...JSON.parse(body).requests);
    }
    return { status: 200, answer: { ok: true } };
  };
  const create = () =>
    createServer(async (request, response) => {
      if (request.url === "/pubkey/") {
        response.writeHead(faults.hidesKey ? 500 : 200).end(faults.hidesKey ? "" : signer.publicKeyPem);
        return;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      const { answer, status } = await handle(request.url ?? "", Buffer.concat(chunks).toString());
      sendJson(response, status, answer);
    });
  let server = create();
  const listen = (): Promise<void> => {
    server = create();
    return listenOn(server, port);
  };
  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    get signer() {
      return signer;
    },
    rotateKey: () => {
      signer = createSigner();
    },
    statuses,
    deletions,
    faults,
    status: (predicate, timeoutMs = 20_000) =>
      until(() => statuses.find(predicate), {
        timeoutMs,
        what: () => `a status; the last was ${JSON.stringify(statuses.at(-1))}`,
      }),
    sum: (field) => statuses.reduce((sum, status) => sum + Number(status[field]), 0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    listen,
  };
}
