import { createBodyGenerator, type FuzzedRoute, type GeneratedBody } from "./generate-bodies.ts";
import { postMany } from "./load.ts";
import type { WorkerUnderTest } from "./start-worker.ts";

interface FuzzResult {
  /** Answers by status. */
  answers: ReadonlyMap<number, number>;
  /** Faults by kind. */
  faults: ReadonlyMap<string, number>;
  /** What should have been answered otherwise: anything but an accepted request or a 4xx that names the fault. */
  wrong: readonly string[];
}

interface FuzzOptions {
  url: string;
  routes: readonly FuzzedRoute[];
  count: number;
  seed: number;
}

const quoted = 300;

/** Posts generated bodies, and judges each answer. */
export async function fuzz({ count, routes, seed, url }: FuzzOptions): Promise<FuzzResult> {
  const next = createBodyGenerator(seed, routes);
  const underWay = new Map<number, GeneratedBody>();
  const faults = new Map<string, number>();
  const wrong: string[] = [];
  const generated = (index: number): GeneratedBody => {
    const found = underWay.get(index) ?? next();
    underWay.set(index, found);
    return found;
  };
  const answers = await postMany({
    url,
    count,
    concurrency: 8,
    route: (index) => generated(index).route,
    body: (index) => generated(index).body,
    onAnswer: ({ body, index, status }) => {
      const { body: sent, fault, names, route } = generated(index);
      underWay.delete(index);
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      if (!isRight({ status, body, names })) {
        wrong.push(`${fault} at ${route}: ${status} ${body.slice(0, quoted)} for ${sent.toString().slice(0, quoted)}`);
      }
    },
  });
  return { answers, faults, wrong };
}

function isRight({ body, names, status }: { status: number; body: string; names: string | undefined }): boolean {
  if (status === 200 || status === 201) {
    return names === undefined;
  }
  return status >= 400 && status < 500 && isExplanation(body) && (names === undefined || body.includes(names));
}

/** A JSON object with at least one field that says something. */
function isExplanation(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && Object.values(value).some((text) => text !== "");
  } catch {
    return false;
  }
}

/** Bodies that the worker's own routes and a handler's route would take, signed for it. */
export function sessionRoutes(worker: WorkerUnderTest): FuzzedRoute[] {
  const auth = worker.authData();
  const payload = { lifetime: 1, on_close_route: "/closed", on_close_payload: { a: 1 } };
  const named = { session_id: "abcdefghijklm", session_auth: auth };
  return [
    { route: "/session/create", body: { auth_data: auth, payload } },
    { route: "/session/get", body: named },
    { route: "/session/health", body: named },
    { route: "/session/end", body: named },
  ];
}

export const handlerRoute = (worker: WorkerUnderTest, route: string, payload: object): FuzzedRoute => ({
  route,
  body: { auth_data: worker.authData(), session_id: null, payload },
});
