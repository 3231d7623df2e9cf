// Runs jest for the package in the working directory, from its TypeScript sources and without a build step.
// The first word names the kind of test: x.test.ts by default, else x.KIND.ts.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const kinds = ["test", "e2e", "interop", "soak"];
const words = process.argv.slice(2);
const kind = kinds.includes(words[0]) ? words.shift() : "test";
const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const config = fileURLToPath(new URL("./jest.config.mjs", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [
    "--experimental-vm-modules",
    "--disable-warning=ExperimentalWarning",
    jest,
    ...["--config", config, "--rootDir", process.cwd(), "--passWithNoTests"],
    ...["--testMatch", `<rootDir>/src/**/*.${kind}.ts`],
    ...["--json", "--outputFile", `.jest-${kind}.json`],
    ...(kind === "test" ? [] : ["--runInBand", "--testTimeout=60000"]),
    ...words,
  ],
  { stdio: ["inherit", "ignore", "inherit"] },
);
process.exit(status ?? 1);
