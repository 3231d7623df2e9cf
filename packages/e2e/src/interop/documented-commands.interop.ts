import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, jest } from "@jest/globals";
import { walks } from "../docs/walks/walks.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { packPackages } from "../harness/deploy/pack-packages.ts";
import { type Registry, startRegistry } from "../harness/deploy/start-registry.ts";
import { runWalk } from "../harness/run-walk.ts";
import { verifies } from "../harness/verifies.ts";

// npm may have to fetch packages over a slow line.
jest.setTimeout(300_000);

const cleanUp = createCleanUps();
let registry: Registry;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-registry-"));
  cleanUp(() => rm(folder, { recursive: true }));
  registry = await startRegistry(await packPackages(folder), folder);
  cleanUp(() => registry.stop());
});

for (const walk of walks.filter(({ kind }) => kind === "interop")) {
  verifies(["command/documented"], `${walk.title}: its commands do what it says`, () => runWalk(walk, registry.env));
}
