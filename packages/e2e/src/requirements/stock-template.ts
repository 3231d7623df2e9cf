import type { Requirement } from "./requirement.ts";

const source = "docs/deploying.md";

export const stockTemplateRequirements = [
  {
    id: "stock/start",
    behaviour:
      "Vast's own launcher, with PYWORKER_REPO naming this repository, starts a worker on a machine without Node: it becomes ready, serves a signed request and leaves nothing in the clone that git sees",
    source,
  },
  {
    id: "stock/reboot",
    behaviour: "A second start installs nothing and is listening within 5 s",
    source,
  },
  {
    id: "stock/process",
    behaviour: "worker.py becomes the worker: SIGTERM drains it, and its exit status is passed on",
    source,
  },
  {
    id: "stock/app",
    behaviour:
      "BACKEND names the app, also as openai or comfyui-json, or PYWORKER_APP does; for any other, worker.py names those there are and exits 1",
    source,
  },
  {
    id: "stock/fork",
    behaviour: "A fork's own folder in apps is started once the lock file has its place, as the page says",
    source,
  },
  {
    id: "stock/node",
    behaviour: "Without requirements.txt, worker.py takes Node 24 or later from the PATH, or says what to install",
    source,
  },
  {
    id: "stock/install",
    behaviour: "worker.py tries an installation that fails three times, then says so and exits 1",
    source,
  },
  {
    id: "stock/python",
    behaviour: "worker.py is clean by a linter, for Python 3.8 and later",
    source,
  },
] as const satisfies readonly Requirement[];
