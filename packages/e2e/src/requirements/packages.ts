import type { Requirement } from "./requirement.ts";

const source = "README";

export const packageRequirements = [
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
