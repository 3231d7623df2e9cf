import type { Requirement } from "./requirement.ts";

const source = "README";
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
  {
    id: "package/packed",
    behaviour:
      "a package as npm publishes it holds its README, its LICENSE and what its exports and bin reach, no tests, and names plain versions",
    source,
  },
  {
    id: "package/typescript",
    behaviour:
      "installed from its tarball in a strict project without skipLibCheck, every package type-checks and runs",
    source,
  },
  {
    id: "package/javascript",
    behaviour: "a worker in plain JavaScript needs nothing but Node and one installed package",
    source,
  },
  {
    id: "package/bins",
    behaviour: "the bin of each backend is the ready worker, by npx in a project or in an empty folder; Ctrl-C ends it",
    source,
  },
  {
    id: "package/local-serverless",
    behaviour: "pyworker-engine, pyworker-stand-in and a backend's bin make a serverless endpoint of one machine",
    source: "engine",
  },
  {
    id: "package/optional-s3",
    behaviour: "@pyworker/testing brings no S3 server, and startS3Server() says how to get one",
    source: "testing",
  },
] as const satisfies readonly Requirement[];
