import { beforeAll, expect } from "@jest/globals";
import { createSigner, type SignedAuthData, until } from "@pyworker/testing";
import { z } from "zod";
import { createCleanUps } from "../harness/clean-up.ts";
import { type Obedient, startObedient } from "../harness/start-obedient.ts";
import type { WorkerUnderTest } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const sessionSchema = z.object({ session_id: z.string() });
let obedient: Obedient;
let worker: WorkerUnderTest;

beforeAll(async () => {
  obedient = await startObedient(cleanUp);
  ({ worker } = obedient);
});

/** All that the engine has been told, but for what it learns of time and disk. */
function reportedFigures() {
  const { deletions, statuses, sum } = worker.engine;
  const { cur_load, num_requests_recieved, num_requests_working } = statuses.at(-1) ?? {};
  return {
    received: sum("new_load"),
    served: sum("cur_perf"),
    rejected: sum("rej_load"),
    ended: deletions.length,
    load: cur_load,
    working: num_requests_working,
    distinct: Number(num_requests_recieved),
  };
}

/** Serves one request of cost 1, waits until that is reported, and tells what else was by then. */
async function figuresAfterOneMore() {
  const { request_idx, ...rest } = worker.authData();
  expect((await worker.send("/parallel", { cost: 1 }, { auth: { request_idx, ...rest } })).status).toBe(200);
  await until(() => worker.engine.deletions.some((deletion) => deletion.request_idx === request_idx));
  await until(
    async () =>
      worker.engine.sum("cur_perf") === (await worker.metric("pyworker_workload_total", { outcome: "success" })),
  );
  return reportedFigures();
}

/** Requests that are not this worker's engine's to pay for. Each would be served if only its signature were right. */
function forgeries(): Record<string, SignedAuthData> {
  const own = worker.authData();
  const foreign = createSigner();
  const elsewhere = "http://127.0.0.1:1";
  const full = worker.engine.signer.fullAuthData(worker.url);
  return {
    unsigned: { ...own, signature: "" },
    "signed by a guess": { ...own, signature: Buffer.alloc(256, 7).toString("base64") },
    "signed with another key": foreign.authData(worker.url),
    "signed with another key, whole": foreign.fullAuthData(worker.url),
    "signed for another worker": worker.engine.signer.authData(elsewhere),
    "signed for another worker, and renamed": { ...worker.engine.signer.authData(elsewhere), url: worker.url },
    "replayed with another cost": { ...full, cost: "1" },
    "replayed for another request": { ...full, request_idx: 424_242, reqnum: 424_242 },
    "a signature cut short": { ...own, signature: own.signature.slice(0, -8) },
  };
}

verifies(
  ["F11", "D25", "D30", "auth/unsigned-no-effect"],
  "answers 401 to what its engine has not signed, and reports none of it",
  async () => {
    const before = await figuresAfterOneMore();
    const seenBefore = obedient.seen.length;
    const payloads = [{ cost: 1_000_000_000 }, { cost: "no number" }];
    const answers: unknown[] = [];
    for (const [name, auth] of Object.entries(forgeries())) {
      for (const payload of payloads) {
        const { status } = await worker.send("/parallel", payload, { auth });
        answers.push([name, "/parallel", status]);
      }
      const { status } = await worker.send("/session/create", { lifetime: 600 }, { auth });
      answers.push([name, "/session/create", status]);
      const header = Buffer.from(JSON.stringify(auth)).toString("base64url");
      const view = await fetch(`${worker.url}/view`, { headers: { "x-serverless-auth": header } });
      answers.push([name, "/view", view.status]);
    }
    expect(answers.filter((answer) => !String(answer).endsWith(",401"))).toEqual([]);
    expect(obedient.seen).toHaveLength(seenBefore);
    expect(await worker.metric("pyworker_sessions")).toBe(0);
    expect(await worker.metric("pyworker_errors_total", { code: "unauthorized" })).toBeGreaterThanOrEqual(
      answers.length,
    );

    const after = await figuresAfterOneMore();
    expect(after).toEqual({
      ...before,
      received: before.received + 1,
      served: before.served + 1,
      ended: before.ended + 1,
      distinct: before.distinct + 1,
    });
    expect(worker.engine.deletions.map(({ request_idx }) => request_idx)).not.toContain(424_242);
  },
);

verifies(
  ["F11", "session/request-auth", "D32", "D33"],
  "lets nobody use, read, prolong or end another's session",
  async () => {
    const owner = worker.authData({ cost: "5" });
    const created = await worker.send("/session/create", { lifetime: 600 }, { auth: owner });
    expect(created.status).toBe(201);
    const { session_id: sessionId } = sessionSchema.parse(await created.json());
    const get = async () => (await worker.post("/session/get", { session_id: sessionId, session_auth: owner })).json();
    const asCreated = await get();
    const before = await figuresAfterOneMore();
    const stranger = worker.authData({ cost: "5" });
    const intruders = [stranger, { ...owner, reqnum: owner.reqnum + 1 }, { ...owner, signature: "" }];
    for (const auth of intruders) {
      expect((await worker.send("/parallel", { cost: 1000 }, { auth, sessionId })).status).toBe(401);
      for (const route of ["/session/get", "/session/health", "/session/end"]) {
        const answer = await worker.post(route, { session_id: sessionId, session_auth: auth });
        expect([route, answer.status]).toEqual([route, 401]);
      }
    }
    const unknown = await worker.send("/parallel", { cost: 1000 }, { auth: owner, sessionId: "a".repeat(13) });
    expect(unknown.status).toBe(410);
    expect(await get()).toEqual(asCreated);
    const after = await figuresAfterOneMore();
    expect(after).toMatchObject({
      received: before.received + 1,
      served: before.served + 1,
      rejected: before.rejected,
    });
    expect(after).toMatchObject({ ended: before.ended + 1, distinct: before.distinct + 1, load: 5, working: 1 });
  },
);

verifies(["D25"], "refuses a body over the limit by its length, and as it comes, before it is read", async () => {
  const prompt = "x".repeat(3000);
  const stated = await worker.send("/strict", { prompt });
  expect(stated.status).toBe(413);
  const pieces = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(Buffer.from(`{"payload": "${prompt}`));
      controller.close();
    },
  });
  const init: RequestInit & { duplex: "half" } = { method: "POST", body: pieces, duplex: "half" };
  const streamed = await fetch(`${worker.url}/strict`, init);
  expect(streamed.status).toBe(413);
  expect(await streamed.json()).toEqual({ error: expect.stringContaining("2000 bytes") });
});
