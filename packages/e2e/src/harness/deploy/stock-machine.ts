import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyRepository } from "./copy-repository.ts";
import { pathWithoutNode } from "./path-without-node.ts";

const run = promisify(execFile);

/** A machine without Node on which Vast's launcher has made what it makes before it starts a worker. */
export interface StockMachine {
  /** Its WORKSPACE_DIR. */
  readonly workspace: string;
  /** Its clone of this repository. */
  readonly clone: string;
  /** The Python of its environment, in which requirements.txt is installed. */
  readonly python: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command line that the launcher goes on with. Its exit status is the worker's. */
  readonly launch: readonly [command: string, ...args: string[]];
}

const prepare = `
set -e
cd "$WORKSPACE_DIR"
git clone --quiet "$PYWORKER_REPO" vast-pyworker
python3 -m venv worker-env
. worker-env/bin/activate
pip install --quiet --disable-pip-version-check -r vast-pyworker/requirements.txt
`;

const launch = `
. "$WORKSPACE_DIR/worker-env/bin/activate"
cd "$WORKSPACE_DIR/vast-pyworker"
(echo "$BASHPID" > "$PID_FILE"; exec python3 -m worker) |& tee -a "$WORKSPACE_DIR/pyworker.log"
exit "\${PIPESTATUS[0]}"
`;

/** Does in a folder what Vast's launcher does on its first run. */
export async function prepareStockMachine(folder: string): Promise<StockMachine> {
  const repository = join(folder, "repository");
  const workspace = join(folder, "workspace");
  await Promise.all([copyRepository(repository), mkdir(workspace)]);
  const env = {
    ...plainEnvironment(),
    PATH: await pathWithoutNode(join(folder, "bin")),
    WORKSPACE_DIR: workspace,
    PYWORKER_REPO: repository,
  };
  await run("bash", ["-c", prepare], { env });
  return {
    workspace,
    clone: join(workspace, "vast-pyworker"),
    python: join(workspace, "worker-env", "bin", "python3"),
    env,
    launch: ["bash", "-c", launch],
  };
}

/** This process's environment, less what the npm or pnpm above it has told it and what would pick an app. */
function plainEnvironment(): Record<string, string | undefined> {
  const isTold = /^(npm_(?!config_registry$)|NODE_|PNPM_|INIT_CWD$|BACKEND$|PYWORKER_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isTold.test(name)));
}
