import { beforeAll, describe, test } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { faultCases } from "./cases/faults.ts";
import { requestCases } from "./cases/requests.ts";
import { updateCases } from "./cases/updates.ts";
import { compare } from "./compare.ts";
import { type Pair, startPair } from "./pair.ts";
import { installMilliseconds } from "./python.ts";

const cleanUp = createCleanUps();

let pair: Pair;

beforeAll(async () => {
  pair = await startPair({ cleanUp });
}, installMilliseconds);

describe("the Python worker and ours do the same, but for what is meant to differ, when", () => {
  test.each([...requestCases, ...faultCases, ...updateCases])("$name", async ({ expected, name, run }) => {
    compare({ name, expected, seen: await pair.both(run) });
  });
});
