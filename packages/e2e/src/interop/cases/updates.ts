import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { call } from "../call.ts";
import type { Observation } from "../observation.ts";
import { masterToken, type Side } from "../side.ts";
import type { Case } from "./case.ts";

/** Asks for an update, and looks whether the file that stands for one was written. */
export async function update(side: Side, authorization: string | undefined): Promise<Observation> {
  await rm(side.updateFile, { force: true });
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await call({ url: `${side.url}/pyworker/update`, headers });
  const nameless = JSON.parse(JSON.stringify(answer).replaceAll(side.updateFile, "<file>"));
  return { ...nameless, "file written": existsSync(side.updateFile) };
}

export const updateCases: readonly Case[] = [
  {
    name: "an update has the bearer token",
    run: (side) => update(side, `Bearer ${masterToken}`),
    expected: { status: 200, body: { ok: true }, "file written": true },
  },
  {
    name: "an update has the bare token",
    run: (side) => update(side, masterToken),
    expected: { status: 200, body: { ok: true }, "file written": true },
  },
  {
    name: "an update has a wrong token",
    run: (side) => update(side, "Bearer wrong"),
    expected: { status: 401, body: { error: "unauthorized" }, "file written": false },
  },
  {
    name: "an update has no token",
    run: (side) => update(side, undefined),
    expected: { status: 401, body: { error: "unauthorized" }, "file written": false },
  },
  {
    name: "an update can't be written down",
    run: async (side) => {
      await rm(dirname(side.updateFile), { recursive: true });
      return update(side, `Bearer ${masterToken}`);
    },
    expected: { status: 500, "file written": false },
  },
];
