import { expect } from "@jest/globals";
import { startVllmServer, until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { connectRaw, type RawConnection, rawPost, statusesIn } from "../harness/raw-connection.ts";
import { startModel } from "../harness/start-model.ts";
import { startWorker } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();

verifies(
  ["F4"],
  "ends every request when its model is killed, says so, and is ready again when the model is",
  async () => {
    const vllm = await startVllmServer();
    cleanUp(() => vllm.stop());
    const worker = await startWorker({ modelUrl: vllm.url });
    cleanUp(() => worker.stop());
    await worker.becomeReady();
    const { engine } = worker;
    vllm.faults.set({ stall: true });
    const waiting = Array.from({ length: 100 }, () =>
      worker.send("/v1/completions", { prompt: "hello", max_tokens: 4 }),
    );
    await until(() => vllm.requests.filter(({ path }) => path === "/v1/completions").length === 100);
    vllm.faults.set({ stallAfterChunks: 3 });
    const streams = await Promise.all(
      Array.from({ length: 100 }, () =>
        worker.send("/v1/chat/completions", { messages: [{ role: "user", content: "hello" }], stream: true }),
      ),
    );
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const broken = streams.map((response) => response.text().then(String, () => "broken"));

    const killedAt = performance.now();
    await vllm.kill();
    const answers = await Promise.all(waiting);
    const ends = await Promise.all(broken);
    expect(performance.now() - killedAt).toBeLessThan(3000);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 502));
    expect(ends).toEqual(ends.map(() => "broken"));

    const errored = await engine.status(({ error_msg }) => error_msg !== "", 30_000);
    expect(errored.error_msg).toContain("health check failed");
    const refused = await worker.send("/v1/completions", { prompt: "too late", max_tokens: 4 });
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);

    const reportsBefore = engine.statuses.length;
    vllm.faults.set({});
    await vllm.restart();
    await until(() => {
      const { error_msg, max_perf } = engine.statuses.slice(reportsBefore).at(-1) ?? {};
      return error_msg === "" && max_perf === 1000;
    });
    expect((await worker.send("/v1/completions", { prompt: "back", max_tokens: 4 })).status).toBe(200);
    await until(() => engine.deletions.length === 202);
    const statuses = engine.deletions.map(({ status }) => status);
    expect(statuses.filter((status) => status === "Error")).toHaveLength(200);
    expect(engine.statuses.at(-1)).toMatchObject({ cur_load: 0, num_requests_working: 0 });
  },
);

/** Sends a request over a connection of its own, and waits until the worker closes it. */
async function exchange(port: number, request: string): Promise<RawConnection> {
  const client = await connectRaw(port);
  client.send(request);
  await client.closed;
  return client;
}

verifies(
  ["F5", "D22", "forward/unreachable"],
  "lets a broken answer look broken, with no second head in it",
  async () => {
    const model = await startModel(({ body }, response) => {
      const { kind } = JSON.parse(body.toString());
      if (kind === "events") {
        response.writeHead(200, { "content-type": "text/event-stream" });
      } else if (kind === "sized") {
        response.writeHead(200, { "content-type": "text/plain", "content-length": 100 });
      }
      response.write("data: first\n\n");
      setImmediate(() => response.destroy());
    });
    cleanUp(() => model.stop());
    const worker = await startWorker({ program: "every-feature", modelUrl: model.url });
    cleanUp(() => worker.stop());
    await worker.log("LOADED");
    await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
    const kinds = ["events", "sized", "chunked"];
    for (const kind of kinds) {
      const body = JSON.stringify({ auth_data: worker.authData(), payload: { kind, cost: 9 } });
      const received = (await exchange(worker.port, rawPost("/parallel", body))).received();
      expect([kind, statusesIn(received)]).toEqual([kind, [200]]);
      expect(received).toContain("data: first\n\n");
      expect(received).not.toMatch(/0\r\n\r\n$|error/);
    }
    await until(() => worker.engine.deletions.length === kinds.length);
    expect(worker.engine.deletions.map(({ status }) => status)).toEqual(kinds.map(() => "Error"));
    expect(worker.engine.sum("cur_perf")).toBe(0);
  },
);
