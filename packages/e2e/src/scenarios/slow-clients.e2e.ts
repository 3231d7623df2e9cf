import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectMany, slowBody, slowHead, startSlowClients } from "../harness/drip.ts";
import { envelopes, postMany } from "../harness/load.ts";
import { startObedient } from "../harness/start-obedient.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

verifies(["F8", "D25"], "serves others beside idle and slow clients, and closes the slow", async () => {
  const { seen, worker } = await startObedient(cleanUp);
  const fdsBefore = await worker.metric("process_open_fds");
  const idle = await connectMany(worker.port, 200);
  cleanUp(() => idle.forEach((connection) => void connection.close()));
  const [heads, bodies] = await Promise.all([
    startSlowClients(worker.port, 50, slowHead),
    startSlowClients(worker.port, 50, slowBody),
  ]);
  cleanUp(() => [heads, bodies].forEach((clients) => void clients.stop()));
  await until(async () => (await worker.metric("process_open_fds")) >= fdsBefore + 300);

  const answers = await postMany({
    url: worker.url,
    count: 200,
    concurrency: 4,
    route: () => "/parallel",
    body: envelopes(worker, { first: 1, payload: () => ({ kind: "succeeds" }) }),
  });
  expect(answers).toEqual(new Map([[200, 200]]));
  const slow = [...heads.connections, ...bodies.connections];
  expect(slow.filter((connection) => connection.isClosed())).toHaveLength(0);

  await until(() => slow.every((connection) => connection.isClosed()), { timeoutMs: 30_000 });
  expect(slow.map((connection) => connection.received().split("\r\n", 1)[0])).toEqual(
    slow.map(() => "HTTP/1.1 408 Request Timeout"),
  );
  expect(bodies.connections[0]?.received()).toContain("too slowly");
  // Those that never said a word are treated like those that say it slowly.
  await until(() => idle.every((connection) => connection.isClosed()), { timeoutMs: 30_000 });
  await until(async () => (await worker.metric("process_open_fds")) < fdsBefore + 50);
  expect(seen).toHaveLength(200);
});
