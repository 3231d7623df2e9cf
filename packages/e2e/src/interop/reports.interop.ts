import { beforeAll, describe, expect, test } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { reportSteps } from "./cases/reports.ts";
import { compare } from "./compare.ts";
import type { Observation } from "./observation.ts";
import { type Pair, startPair } from "./pair.ts";
import { installMilliseconds } from "./python.ts";
import { reportedOf } from "./reported.ts";

const cleanUp = createCleanUps();

let pair: Pair;
let reported: Record<"reference" | "ours", Map<string, Observation>>;

beforeAll(async () => {
  pair = await startPair({ cleanUp });
  reported = await pair.both((side) => reportedOf(side, reportSteps));
}, installMilliseconds);

describe("the Python worker and ours report the same, but for what is meant to differ, when", () => {
  test.each(reportSteps)("$name", ({ expected, name }) => {
    const { reference = {}, ours = {} } = { reference: reported.reference.get(name), ours: reported.ours.get(name) };
    compare({ name, expected, seen: { reference, ours } });
  });

  test("all of it is over", () => {
    const left = { cur_load: 0, num_requests_working: 0, working_request_idxs: [] };
    expect(pair.reference.engine.statuses.at(-1)).toMatchObject(left);
    expect(pair.ours.engine.statuses.at(-1)).toMatchObject(left);
  });
});
