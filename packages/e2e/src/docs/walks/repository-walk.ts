import { step, type Walk } from "./walk.ts";

const apps = ["ace", "comfyui", "custom", "llama", "sglang", "tgi", "vllm", "wan"].map(
  (name) => `apps/${name}/README.md`,
);
const clone = "git clone https://github.com/pyworker/pyworker.git";
const here = "--port 3000 --engine-port 8080";

/** A clone, on a machine that has git, Node and npm: what comes first, and what is done in it later. */
export const repositoryWalk: Walk = {
  title: "a clone of the repository",
  kind: "e2e",
  node: "machine",
  steps: [
    step("README.md", clone),
    step("README.md", "cd pyworker"),
    step("README.md", "npm start -- --once", { more: here, prints: "< This is a stand-in for a model" }),
    step(apps, "npm run build"),
    step("README.md", "npm run new-app -- ../my-worker", { prints: "npm install" }),
    step("CONTRIBUTING.md", "npm run fix", { prints: "No fixes applied" }),
    step(["CONTRIBUTING.md", "docs/configuration.md", "docs/errors.md", "docs/metrics.md"], "npm run docs"),
    step("CONTRIBUTING.md", "npm run prepare-release", {
      files: { "pyworker/.changeset/a-fix.md": '---\n"@pyworker/core": patch\n---\n\nA fix.\n' },
      prints: "All files have been updated",
    }),
    step("CONTRIBUTING.md", "cd packages/core && npx node ../../scripts/jest.mjs test ledger", { prints: "PASS" }),
    step("CONTRIBUTING.md", `${clone} && cd pyworker`, { folder: "contributor" }),
  ],
};
