import { sessionAuth, tryToOpen } from "../session.ts";
import type { Case } from "./case.ts";
import { badInputCases } from "./session-input.ts";
import { askCases } from "./session-lookup.ts";
import { createCases } from "./session-opening.ts";
import { useCases } from "./session-use.ts";

/** The reference answers 500 here, but has opened the session: it stands in the way of others until it expires. */
const lastCase: Case = {
  name: "a session's cost is text",
  run: (side) => tryToOpen(side, { auth: sessionAuth(side, { cost: "256" }) }),
  expected: { status: 201 },
};

/** Sessions, from their opening to their end. Each case but the last leaves none behind. */
export const sessionCases: readonly Case[] = [...createCases, ...askCases, ...badInputCases, ...useCases, lastCase];
