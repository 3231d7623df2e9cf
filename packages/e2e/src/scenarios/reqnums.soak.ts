import { expect } from "@jest/globals";
import { Pool } from "undici";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startWorker } = createStarters();

verifies(["D39"], "forgets reqnums of long ago, and counts on", async () => {
  const worker = await startWorker({ program: "every-feature" });
  await worker.engine.status(() => true);
  const auth = worker.authData();
  const pool = new Pool(worker.url, { connections: 16 });
  const refuse = async (reqnum: number): Promise<void> => {
    const body = JSON.stringify({ auth_data: { ...auth, reqnum }, payload: {} });
    const answer = await pool.request({ method: "POST", path: "/parallel", body });
    await answer.body.dump();
    expect(answer.statusCode).toBe(503);
  };
  const isTold = (distinct: number) =>
    worker.engine.status(({ num_requests_recieved }) => num_requests_recieved === distinct);
  await refuse(1);
  await refuse(1);
  await isTold(1);
  const many = 20_000;
  let next = 2;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (next <= many) {
        next += 1;
        await refuse(next - 1);
      }
    }),
  );
  await isTold(many);
  await refuse(many);
  await refuse(1);
  // The last one is still known, and the first no longer: what is remembered has an end.
  await isTold(many + 1);
  await pool.close();
});
