import { expect } from "@jest/globals";
import { envelopes, postMany } from "../harness/load.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { startWorker } = createStarters();

verifies(["D39"], "forgets reqnums of long ago, and counts on", async () => {
  const worker = await startWorker({ program: "every-feature" });
  await worker.engine.status(() => true);
  const body = envelopes(worker, { first: 1, payload: () => ({}) });
  /** Has requests with the reqnums from `first` on refused, for the model is never ready. */
  const refuse = async (first: number, count: number): Promise<void> => {
    const route = () => "/parallel";
    const bodyOf = (index: number) => body(first - 1 + index);
    const answers = await postMany({ url: worker.url, count, concurrency: 16, route, body: bodyOf });
    expect(answers).toEqual(new Map([[503, count]]));
  };
  const isTold = (distinct: number) =>
    worker.engine.status(({ num_requests_recieved }) => num_requests_recieved === distinct);
  const many = 20_000;
  await refuse(1, many);
  await isTold(many);
  // The last one is still known, and the first no longer: what is remembered has an end.
  await refuse(many, 1);
  await refuse(1, 1);
  await isTold(many + 1);
});
