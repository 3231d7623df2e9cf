import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startProcess } from "@pyworker/testing";
import { root } from "./pages.ts";
import { nameOf, type Snippets, writeSnippets } from "./snippets.ts";

const compileMilliseconds = 120_000;
const tsc = createRequire(`${root}package.json`).resolve("typescript/bin/tsc");

let snippets: Snippets;

beforeAll(async () => {
  snippets = await writeSnippets();
});

afterAll(() => snippets.remove());

test(
  "every snippet compiles under the repository's own settings",
  async () => {
    const compiler = startProcess({
      command: process.execPath,
      args: [tsc, "--project", join(snippets.folder, "tsconfig.json"), "--pretty", "false"],
      cwd: snippets.folder,
      env: process.env,
    });
    const status = await compiler.exited;
    expect({ status, errors: compiler.output() }).toEqual({ status: 0, errors: "" });
    expect(snippets.all.length).toBeGreaterThan(5);
  },
  compileMilliseconds,
);

test("a snippet that is a file of the repository is that file to the letter", () => {
  const shown = snippets.all.flatMap((snippet) => {
    const name = nameOf(snippet);
    // By its path from the root, or from the page's folder: a README shows what stands beside it.
    const files = name === undefined ? [] : [name, posix.join(posix.dirname(snippet.page), name)];
    const file = files.find((path) => existsSync(root + path));
    return file === undefined ? [] : [{ name, file, text: snippet.text }];
  });
  expect(shown.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["apps/custom/worker.ts", "apps/vllm/worker.ts"]),
  );
  for (const { file, name, text } of shown) {
    expect(text).toBe(`// ${name}\n${readFileSync(root + file, "utf8")}`);
  }
});
