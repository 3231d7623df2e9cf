import type { Requirement } from "./requirement.ts";

const commandSource = "packages/core/README.md";

export const packageRequirements = [
  {
    id: "package/help",
    behaviour:
      "--help of a package's command says what it is, which options and variables there are and where the docs are, and needs no environment; --version is its version",
    source: commandSource,
  },
  {
    id: "package/mistakes",
    behaviour: "an option that there is not is named, and the status is 2",
    source: commandSource,
  },
  {
    id: "package/check",
    behaviour: "--check says of all that a start depends on that it is well, exits 0, and starts and reports nothing",
    source: commandSource,
  },
  {
    id: "package/check-faults",
    behaviour:
      "--check names everything that is wrong, with what was expected, what was found and what to do, gives away no secret, and exits 1",
    source: commandSource,
  },
] as const satisfies readonly Requirement[];
