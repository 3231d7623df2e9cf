import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type FakeEngine, startFakeEngine, until } from "@pyworker/testing";
import { collectLog } from "../collected-log.test.fixture.ts";
import { createBeacon } from "./beacon.ts";
import { createEngineClient } from "./engine-client.ts";
import { workerStatusSchema } from "./wire.ts";

const identity = { id: 7, mtoken: "master", version: "1.1.0", url: "http://1.2.3.4:40123" };

let fakeEngine: FakeEngine;
beforeEach(async () => {
  fakeEngine = await startFakeEngine();
});
afterEach(() => fakeEngine.close());

const setUp = () => {
  const engine = createEngineClient({ addresses: [fakeEngine.url], log: collectLog().log, tries: 1 });
  return createBeacon({ identity, engine, intervalMilliseconds: 1 });
};

describe("beacon", () => {
  test("tells the engine again and again why the worker can't start, until it is aborted", async () => {
    let posts = 0;
    fakeEngine.faults.fails = () => {
      posts += 1;
      return posts === 2;
    };
    const controller = new AbortController();
    const reporting = setUp().reportUntil(controller.signal, "port 3000 is taken");
    await until(() => fakeEngine.statuses.length >= 3);
    controller.abort();
    await reporting;
    const report = workerStatusSchema.strict().parse(fakeEngine.statuses[2]);
    expect(report).toMatchObject({ ...identity, error_msg: "port 3000 is taken", max_perf: 0, loadtime: 0 });
  });

  test("tells it once where the process is about to end", async () => {
    await setUp().reportOnce("uncaught");
    expect(fakeEngine.statuses).toMatchObject([{ error_msg: "uncaught" }]);
  });

  test("does not fail where there is no engine to tell", async () => {
    await fakeEngine.close();
    await setUp().reportOnce("uncaught");
    expect(fakeEngine.statuses).toEqual([]);
  });
});
