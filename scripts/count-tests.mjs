// Adds up what every jest run left behind, prints the sum and exits non-zero unless all of it passed.
// A suite that failed without a failing test (a lint step, say) counts as one failure.
import { readdirSync, readFileSync } from "node:fs";

const failedSuites = Number(process.argv[2] ?? 0);
const results = readdirSync("packages").flatMap((name) =>
  readdirSync(`packages/${name}`)
    .filter((file) => /^\.jest-(test|e2e|interop)\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(`packages/${name}/${file}`, "utf8"))),
);
const passed = results.reduce((sum, { numPassedTests }) => sum + numPassedTests, 0);
const failed = results.reduce(
  (sum, { numFailedTests, numRuntimeErrorTestSuites }) => sum + numFailedTests + numRuntimeErrorTestSuites,
  0,
);
const counted = Math.max(failed, failedSuites);
console.log(`${passed} passed, ${counted} failed`);
process.exit(counted === 0 && passed > 0 ? 0 : 1);
