// The one door to every command: brings pnpm, Node 24 and all packages where they are missing, then runs the command's
// steps on them. Needs nothing but git, Node 20.20 and npm.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = join(root, "node_modules/.bin");
const stamp = join(root, "node_modules", ".installed");

const build = "turbo run build --output-logs=errors-only --log-order=grouped";
const buildToStart = `${build} --filter=./apps/* --filter=@pyworker/engine --filter=@pyworker/testing`;
const types = "tsc -b";
// Apps have settings of their own: they are checked as whoever copies one checks it.
const appTypes = "turbo run check --filter=./apps/* --output-logs=errors-only --log-order=grouped";
const lint = "biome check --error-on-warnings .";
const unit = "turbo run test --filter=./packages/* --output-logs=new-only --log-order=grouped --concurrency=1";
const format = "biome check --write .";
const checks = [
  lint,
  types,
  appTypes,
  "knip --no-progress",
  "depcruise --config .dependency-cruiser.cjs packages apps bench",
  "node scripts/generate-docs.ts --check",
  "node scripts/token-table.ts --check",
  "node scripts/check-packages.mjs",
  unit,
];
const endToEnd = "pnpm --dir packages/e2e run e2e";

/** What each command does, step by step. The words behind `--` go to the last step. */
const commands = {
  build: [build],
  start: [buildToStart, "node scripts/start.ts"],
  "new-app": ["node scripts/new-app.ts"],
  test: [build, lint, types, appTypes, unit, endToEnd],
  "test:interop": [build, "pnpm --dir packages/e2e run interop"],
  soak: [build, "pnpm --dir packages/e2e run soak"],
  bench: [build, "node bench/src/main.ts"],
  docs: [build, "node scripts/generate-docs.ts", "node scripts/token-table.ts"],
  check: [build, ...checks],
  fix: [format],
  // The lock file names the versions of which apps say that they want them.
  "prepare-release": ["changeset version", "pnpm install --lockfile-only", format],
  // From nothing, so that no package holds what an earlier build has left behind.
  release: [
    "git clean -Xdfq packages/*/dist packages/*/tsconfig.tsbuildinfo",
    `${build} --force`,
    ...checks,
    "changeset publish",
  ],
};

const [name = "", ...words] = process.argv.slice(2);
const steps = commands[name];
if (steps === undefined) {
  console.error(`no command "${name}"; there are: ${Object.keys(commands).join(", ")}`);
  process.exit(1);
}
await install();
for (const [index, step] of steps.entries()) {
  await run(step.split(" "), index === steps.length - 1 ? words : []);
}

async function install() {
  const files = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"].map((file) => readFileSync(join(root, file)));
  const wanted = createHash("sha256").update(Buffer.concat(files)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return;
  }
  const { packageManager } = JSON.parse(files[0].toString());
  console.error(`Installing packages with ${packageManager} …`);
  await run(
    [
      "npm",
      "exec",
      "--yes",
      `--package=${packageManager}`,
      "--",
      "pnpm",
      "install",
      "--frozen-lockfile",
      // Where an app was installed alone, by worker.py or the launcher, it may take that away.
      "--config.confirm-modules-purge=false",
      "--reporter=append-only",
    ],
    [],
  );
  // pnpm puts a shell script there, which would keep the signals that npm passes on.
  const shim = join(root, "node_modules/.bin/node");
  rmSync(shim);
  symlinkSync("../node/bin/node", shim);
  writeFileSync(stamp, wanted);
}

/** Runs one step and ends this process with its status, unless it is 0. Signals reach the step through the terminal or us. */
function run([command, ...rest], more) {
  const environment = { ...process.env, PATH: `${path}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: "1" };
  const child = spawn(command, [...rest, ...more], { cwd: root, stdio: "inherit", env: environment });
  const pass = (signal) => child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      process.exit(1);
    });
    child.on("exit", (code, signal) => {
      process.off("SIGINT", pass).off("SIGTERM", pass);
      if (code !== 0) {
        process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
      }
      resolve();
    });
  });
}
