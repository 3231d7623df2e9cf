import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { pages, root } from "./pages.ts";

const deploying = pages.find(({ path }) => path === "docs/deploying.md")?.text ?? "";

const sources = globSync("packages/{core,llm,vllm,tgi,comfyui,wan,ace}/src/**/*.ts", { cwd: root })
  .filter((path) => !path.includes(".test."))
  .map((path) => readFileSync(root + path, "utf8"));

/** The texts in the calls that write a line at a level which is on by default. */
const ofWorkers = sources.flatMap((source) =>
  [...source.matchAll(/\blog\.(?:info|warn|error|fatal)\((.*?)\)(?:;|,\n|\n)/gs)].flatMap(([, call = ""]) =>
    // Behind the fields of the line.
    [...call.replace(/\{[^{}]*\}/, "").matchAll(/"([^"]+)"|`([^`]+)`/g)].map(([, plain, made]) => plain ?? made ?? ""),
  ),
);

/** The texts that the launcher says, reports, or ends with. */
const ofLauncher = (script: string): string[] =>
  [...script.matchAll(/\b(?:say |report |refuse |problem=)"((?:\$\([^)]*\)|[^"\n])*)"/g)].map(([, text = ""]) => text);

/** The longest part of a text that is the same whatever it tells of. */
const constantPart = (text: string): string =>
  text
    .split(/\$\{[^}]*\}|\$\([^)]*\)+|\$\w+/)
    .map((part) => part.trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");

const missing = (texts: readonly string[]): string[] =>
  texts.filter((text) => !deploying.includes(constantPart(text))).sort();

test("docs/deploying.md explains every line that a worker logs", () => {
  expect(ofWorkers).toEqual(
    expect.arrayContaining(["listening", "state", "waiting for the model log", "no public key"]),
  );
  expect(missing(ofWorkers)).toEqual([]);
});

test("docs/deploying.md explains every line that the launcher logs", () => {
  const lines = ofLauncher(readFileSync(`${root}deploy/start_server.sh`, "utf8"));
  expect(lines).toContain("the worker runs as process $worker");
  expect(missing(lines)).toEqual([]);
});

test("a line that isn't explained would be noticed", () => {
  expect(missing(["nonsense of $kind", "listening"])).toEqual(["nonsense of $kind"]);
  expect(ofLauncher('  say "nonsense" && exit 0\n')).toEqual(["nonsense"]);
});
