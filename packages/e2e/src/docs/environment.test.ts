import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { variables } from "@pyworker/core";
import { vllmVariables } from "@pyworker/vllm";
import { root } from "./pages.ts";

const apps = globSync("apps/*/.env.example", { cwd: root }).map((path) => path.replace("/.env.example", ""));

const namesIn = (text: string): string[] => [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name);

/** What a backend reads beside core's variables. */
const backendVariables = { "@pyworker/vllm": Object.keys(vllmVariables) };

/** What an app reads beside core's variables: those of its backend, and the names in its `readVariables([…])`. */
function ownVariables(app: string): string[] {
  const program = readFileSync(`${root}${app}/worker.ts`, "utf8");
  const ofBackends = Object.entries(backendVariables).flatMap(([name, names]) =>
    program.includes(`from "${name}"`) ? names : [],
  );
  const [, list = ""] = program.match(/readVariables\(\[([^\]]*)\]/) ?? [];
  return [...ofBackends, ...[...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name)];
}

test.each(apps)("%s/.env.example names only variables that its worker reads", (app) => {
  const names = namesIn(readFileSync(`${root}${app}/.env.example`, "utf8"));
  const known = [...Object.keys(variables), ...ownVariables(app)];
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !known.includes(name) && !/^VAST_TCP_PORT_\d+$/.test(name))).toEqual([]);
});

test("every app has an .env.example", () => {
  const programs = globSync("apps/*/worker.ts", { cwd: root }).map((path) => path.replace("/worker.ts", ""));
  expect(apps.sort()).toEqual(programs.sort());
});
