import { globSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { expect, test } from "@jest/globals";
import { comfyuiVariables } from "@pyworker/comfyui";
import { variables } from "@pyworker/core";
import { tgiVariables } from "@pyworker/tgi";
import { vllmVariables } from "@pyworker/vllm";
import { root } from "./pages.ts";

const apps = globSync("apps/*/worker.ts", { cwd: root }).map((path) => path.replace("/worker.ts", ""));

/** What a backend reads beside core's variables. */
const backendVariables = {
  "@pyworker/ace": Object.keys(comfyuiVariables),
  "@pyworker/comfyui": Object.keys(comfyuiVariables),
  "@pyworker/tgi": Object.keys(tgiVariables),
  "@pyworker/vllm": Object.keys(vllmVariables),
  "@pyworker/wan": Object.keys(comfyuiVariables),
};

/** What an app reads beside core's variables: those of its backend, and the names in its `readVariables([…])`. */
function ownVariables(app: string): string[] {
  const program = readFileSync(`${root}${app}/worker.ts`, "utf8");
  const ofBackends = Object.entries(backendVariables).flatMap(([name, names]) =>
    program.includes(`from "${name}"`) ? names : [],
  );
  const [, list = ""] = program.match(/readVariables\(\[([^\]]*)\]/) ?? [];
  return [...ofBackends, ...[...list.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name)];
}

/** An app's example as a worker reads it, with the lines that are commented out. */
const readExample = (app: string): [name: string, value: string][] =>
  Object.entries(parseEnv(readFileSync(`${root}${app}/.env.example`, "utf8").replace(/^#(?=[A-Z0-9_]+=)/gm, ""))).map(
    ([name, value = ""]) => [name, value],
  );

test.each(["comfyui", "tgi", "vllm"] as const)("the README of @pyworker/%s names each of its variables", (name) => {
  const readme = readFileSync(`${root}packages/${name}/README.md`, "utf8");
  expect(backendVariables[`@pyworker/${name}`].filter((variable) => !readme.includes(`\`${variable}\``))).toEqual([]);
});

test("there are apps", () => {
  expect(apps).toContain("apps/custom");
});

test.each(apps)("%s/.env.example names only variables that its worker reads", (app) => {
  const names = readExample(app).map(([name]) => name);
  const known = [...Object.keys(variables), ...ownVariables(app)];
  expect(names).toContain("CONTAINER_ID");
  expect(names.filter((name) => !known.includes(name) && !/^VAST_TCP_PORT_\d+$/.test(name))).toEqual([]);
});

test.each(apps)("%s/.env.example gives each a value that it can have", (app) => {
  const schemas = new Map(Object.entries(variables).map(([name, { schema }]) => [name, schema]));
  const refused = readExample(app).filter(
    ([name, value]) => value !== "" && schemas.get(name)?.safeParse(value).success === false,
  );
  expect(refused).toEqual([]);
});
