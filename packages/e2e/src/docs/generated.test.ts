import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startProcess } from "@pyworker/testing";
import { root } from "./pages.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-docs-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function generate(...words: string[]): Promise<{ status: number; output: string }> {
  const generator = startProcess({
    command: process.execPath,
    args: ["--conditions=@pyworker/source", "scripts/generate-docs.ts", ...words],
    cwd: root,
    env: process.env,
  });
  return { status: await generator.exited, output: generator.output() };
}

test("the generated pages say what the code says", async () => {
  expect(await generate("--check")).toEqual({ status: 0, output: "" });
});

test("a generated page that was edited or is missing fails the check, by name", async () => {
  expect(await generate("--folder", folder)).toMatchObject({ status: 0 });
  await writeFile(join(folder, "errors.md"), `${await readFile(join(folder, "errors.md"), "utf8")}One word more.\n`);
  await rm(join(folder, "metrics.md"));
  const { output, status } = await generate("--check", "--folder", folder);
  expect(status).toBe(1);
  expect(output).toContain("errors.md");
  expect(output).toContain("metrics.md");
  expect(output).not.toContain("configuration.md");
});
