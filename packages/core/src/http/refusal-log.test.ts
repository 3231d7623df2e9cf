import { expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import { collectLog } from "../collected-log.test.fixture.ts";
import { createRefusalLog } from "./refusal-log.ts";

test("logs one refusal in ten seconds, and counts those it left out", () => {
  const clock = manualClock();
  const { lines, log } = collectLog();
  const refusals = createRefusalLog({ clock, log });
  refusals.note("a");
  refusals.note("b");
  clock.advance(9999);
  refusals.note("c");
  clock.advance(1);
  refusals.note("d");
  expect(lines).toMatchObject([
    { reason: "a", unlogged: 0 },
    { reason: "d", unlogged: 2 },
  ]);
});
