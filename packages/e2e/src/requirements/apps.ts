import type { Requirement } from "./requirement.ts";

const source = "apps/*/README.md";

export const appRequirements = [
  { id: "app/own-tests", behaviour: "the tests that an app carries pass", source },
  {
    id: "app/copy",
    behaviour:
      "npm run new-app -- NAME --backend BACKEND copies all files of that app, under its own name, with links that lead to the repository on the web",
    source,
  },
  {
    id: "app/alone",
    behaviour: "a copy, moved anywhere, installs by npm, passes its check and its tests, and serves by npm start",
    source,
  },
  {
    id: "app/refusals",
    behaviour: "npm run new-app changes nothing and says what is wrong with a folder, a name or a backend",
    source,
  },
] as const satisfies readonly Requirement[];
