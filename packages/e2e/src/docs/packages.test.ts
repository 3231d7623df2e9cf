import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { pages, root } from "./pages.ts";

const folders = globSync("packages/*/package.json", { cwd: root }).map((path) => path.replace("/package.json", ""));
const packages = folders.map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(`${root}${folder}/package.json`, "utf8")),
}));
const published = packages.filter(({ manifest }) => manifest.private !== true);

test("there are packages to publish", () => {
  expect(published.map(({ folder }) => folder)).toContain("packages/core");
});

test.each(published)("$folder says what npm and its users need to know", ({ folder, manifest }) => {
  expect(manifest).toMatchObject({
    name: folder.replace("packages/", "@pyworker/"),
    description: expect.stringMatching(/^.{10,}/),
    license: "MIT",
    type: "module",
    engines: { node: ">=24" },
    repository: { type: "git", directory: folder },
    exports: {
      ".": { "@pyworker/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    files: expect.arrayContaining(["dist", "src", "!**/*.test.*"]),
  });
});

test.each(published)("$folder has a README that begins with its name", ({ folder, manifest }) => {
  const readme = pages.find(({ path }) => path === `${folder}/README.md`);
  expect(readme?.text.split("\n")[0]).toBe(`# ${manifest.name}`);
});

test.each(published)("$folder is in the README's table of packages", ({ manifest }) => {
  expect(pages.find(({ path }) => path === "README.md")?.text).toContain(`\`${manifest.name}\``);
});

test("every app is in the README's table, and copied out of the repository it still installs", () => {
  for (const path of globSync("apps/*/package.json", { cwd: root })) {
    const { dependencies, devDependencies, scripts } = JSON.parse(readFileSync(root + path, "utf8"));
    expect(
      Object.values({ ...dependencies, ...devDependencies }).filter((range) => !/^\^\d/.test(String(range))),
    ).toEqual([]);
    expect(scripts).toMatchObject({ start: expect.stringContaining("worker.ts"), check: "tsc", test: "node --test" });
    expect(readFileSync(root + path.replace("package.json", "tsconfig.json"), "utf8")).not.toContain("../");
    expect(existsSync(root + path.replace("package.json", "README.md"))).toBe(true);
    expect(pages.find(({ path }) => path === "README.md")?.text).toContain(path.replace("/package.json", ""));
  }
});
