import { test } from "@jest/globals";
import type { RequirementId } from "../requirements/index.ts";

/**
 * A scenario, and the requirements it holds the worker to. An unknown id fails the type check; an id that no scenario
 * names fails requirements.test.ts.
 */
export function verifies(
  ids: readonly [RequirementId, ...RequirementId[]],
  title: string,
  scenario: () => Promise<void>,
): void {
  test(`${title} [${ids.join(" ")}]`, scenario);
}
