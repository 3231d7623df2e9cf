import { beforeAll, describe, test } from "@jest/globals";
import { createCleanUps } from "../harness/clean-up.ts";
import { changeCases, loadingCases, unsecuredCases } from "./cases/lifecycle.ts";
import { compare } from "./compare.ts";
import { type Pair, startPair } from "./pair.ts";
import { installMilliseconds, preparePython } from "./python.ts";

const cleanUp = createCleanUps();

let loading: Pair;
let unsecured: Pair;
let changing: Pair;

beforeAll(async () => {
  await preparePython();
  [loading, unsecured, changing] = await Promise.all([
    startPair({ cleanUp, env: { MASTER_TOKEN: "" }, loaded: false }),
    startPair({ cleanUp, env: { UNSECURED: "true" } }),
    startPair({ cleanUp }),
  ]);
}, installMilliseconds);

describe("the Python worker and ours do the same, but for what is meant to differ, when", () => {
  test.each(loadingCases)("$name", async ({ expected, name, run }) => {
    compare({ name, expected, seen: await loading.both(run) });
  });

  test.each(unsecuredCases)("$name", async ({ expected, name, run }) => {
    compare({ name, expected, seen: await unsecured.both(run) });
  });

  test.each(changeCases)("$name", async ({ expected, name, run }) => {
    compare({ name, expected, seen: await changing.both(run) });
  });
});
