// What npm would publish must be right: exports, types and files of every public package.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const publicPackages = readdirSync("packages").filter((name) => {
  const { private: isPrivate } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8"));
  return !isPrivate;
});
let failures = 0;
for (const name of publicPackages) {
  for (const [command, ...words] of [
    ["publint", "--strict", `packages/${name}`],
    ["attw", "--pack", `packages/${name}`, "--profile", "esm-only", "--quiet"],
  ]) {
    const { status } = spawnSync(command, words, { stdio: "inherit" });
    failures += status === 0 ? 0 : 1;
  }
}
process.exit(failures === 0 ? 0 : 1);
