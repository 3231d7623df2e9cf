import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { listening, type WorkerUnderTest } from "../harness/start-worker.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const { makeFolder, startWorker } = createStarters();

const statusOf = async (worker: WorkerUnderTest, headers: Record<string, string>): Promise<number> =>
  (await fetch(`${worker.url}/pyworker/update`, { method: "POST", headers })).status;

verifies(
  ["update/token", "D35"],
  "leaves the update file for the right token, bearer or bare, and no other",
  async () => {
    const file = join(await makeFolder(), "force_update");
    const token = "a-master-token";
    const worker = await startWorker({
      program: "every-feature",
      env: { MASTER_TOKEN: token, FORCE_UPDATE_FILE: file },
    });
    await listening(worker);
    const wrong = ["", "Bearer ", "Bearer", `${token}x`, token.slice(1), `Basic ${token}`, `Bearer Bearer ${token}`];
    for (const authorization of wrong) {
      expect([authorization, await statusOf(worker, { authorization })]).toEqual([authorization, 401]);
    }
    expect(await statusOf(worker, {})).toBe(401);
    expect(existsSync(file)).toBe(false);
    for (const authorization of [`Bearer ${token}`, token]) {
      expect(await statusOf(worker, { authorization })).toBe(200);
      expect(existsSync(file)).toBe(true);
      rmSync(file);
    }
  },
);

verifies(["update/token", "D35"], "is updated by nobody where there is no token", async () => {
  const file = join(await makeFolder(), "force_update");
  const worker = await startWorker({
    program: "every-feature",
    env: { MASTER_TOKEN: undefined, FORCE_UPDATE_FILE: file },
  });
  await listening(worker);
  const headers = [{}, { authorization: "" }, { authorization: "Bearer " }, { authorization: "Bearer undefined" }];
  for (const given of headers) {
    expect(await statusOf(worker, given)).toBe(401);
  }
  expect(existsSync(file)).toBe(false);
});

verifies(["update/token"], "answers 500 where the file can't be written", async () => {
  const worker = await startWorker({ program: "every-feature", env: { FORCE_UPDATE_FILE: "/dev/null/force_update" } });
  await listening(worker);
  expect(await statusOf(worker, { authorization: "Bearer master-token" })).toBe(500);
});
