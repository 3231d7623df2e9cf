import { globSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@jest/globals";
import { startProcess } from "@pyworker/testing";
import { verifies } from "../harness/verifies.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

for (const name of globSync("apps/*/worker.ts", { cwd: root }).map((path) => basename(dirname(path)))) {
  verifies(["app/own-tests"], `apps/${name}: its own tests pass`, async () => {
    const tests = startProcess({
      command: "npm",
      args: ["test", "--silent"],
      cwd: `${root}apps/${name}`,
      env: process.env,
    });
    const status = await tests.exited;
    expect({ status, output: tests.output() }).toEqual({
      status: 0,
      output: expect.stringMatching(/^(ℹ|#) pass [1-9]/m),
    });
  });
}
