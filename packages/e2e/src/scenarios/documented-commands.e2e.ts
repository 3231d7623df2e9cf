import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, jest } from "@jest/globals";
import { root } from "../docs/pages.ts";
import { walks } from "../docs/walks/walks.ts";
import { createCleanUps } from "../harness/clean-up.ts";
import { copyRepository } from "../harness/deploy/copy-repository.ts";
import { runWalk } from "../harness/run-walk.ts";
import { verifies } from "../harness/verifies.ts";

// A clone installs all packages, which may have to come over a slow line.
jest.setTimeout(600_000);

const cleanUp = createCleanUps();
let env: Record<string, string>;

beforeAll(async () => {
  const repository = await mkdtemp(join(tmpdir(), "pyworker-repository-"));
  cleanUp(() => rm(repository, { recursive: true }));
  await copyRepository(repository);
  // What has been built here needs no second time; the working trees of one repository share that.
  const git = execFileSync("git", ["rev-parse", "--git-common-dir"], { cwd: root, encoding: "utf8" }).trim();
  env = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${repository}.insteadOf`,
    GIT_CONFIG_VALUE_0: "https://github.com/pyworker/pyworker.git",
    TURBO_CACHE_DIR: join(dirname(resolve(root, git)), ".turbo", "cache"),
  };
});

for (const walk of walks.filter(({ kind }) => kind === "e2e")) {
  verifies(["command/documented"], `${walk.title}: its commands do what it says`, () => runWalk(walk, env));
}
