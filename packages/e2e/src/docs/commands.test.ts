import { globSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { type Command, commandsOf, documented, named } from "./commands.ts";
import { codeBlocks, type Page, pages, root } from "./pages.ts";
import { notRun } from "./walks/not-run.ts";
import { walks } from "./walks/walks.ts";

/** A command of a page that a test runs. */
interface Reference {
  page: string;
  name: string;
}

const commands = pages.flatMap(commandsOf);
const listed = notRun.flatMap((entry) => entry.commands);
const references: readonly Reference[] = [
  ...walks.flatMap(({ steps }) => steps.flatMap(({ name, pages: of }) => of.map((page) => ({ page, name })))),
  ...globSync("packages/e2e/src/**/*.{e2e,interop}.ts", { cwd: root }).flatMap((path) =>
    referencesIn(readFileSync(root + path, "utf8")),
  ),
];

/** What a scenario takes from a page to run it: a value that is used, not a statement of its own. */
function referencesIn(text: string): Reference[] {
  const statement = /^\s*documented\([^)]*\);/gm;
  const calls = text.replace(statement, "").matchAll(/\bdocumented\(\s*"([^"]+)",\s*(?:"([^"]+)"|'([^']+)'),?\s*\)/g);
  return [...calls].map(([, page = "", name, quoted = ""]) => ({ page, name: name ?? quoted }));
}

const isRun = (command: Command): boolean =>
  references.some(({ name, page }) => page === command.page && named(name)(command));
const isListed = (command: Command): boolean => listed.some((name) => named(name)(command));
const show = ({ line, name, page }: Command): string => `${page}:${line}: ${name}`;

test("every command of a page is run by a scenario, or listed with the reason why none can", () => {
  expect(commands.filter((command) => !isRun(command) && !isListed(command)).map(show)).toEqual([]);
});

test("no command is both run and listed", () => {
  expect(commands.filter((command) => isRun(command) && isListed(command)).map(show)).toEqual([]);
});

test("every listed command is still on a page, and has a reason", () => {
  expect(listed.filter((name) => !commands.some(named(name)))).toEqual([]);
  expect(notRun.filter(({ reason }) => reason.length < 5)).toEqual([]);
});

test("every command that a scenario runs is still on its page", () => {
  for (const { name, page } of references) {
    expect(documented(page, name)).not.toBe("");
  }
});

test("a block that isn't marked as one of a shell has no commands", () => {
  const others = pages.flatMap(codeBlocks).filter(({ language }) => ["", "text"].includes(language));
  const script = ({ page, text }: { page: string; text: string }): Page => ({
    path: page,
    text: text.replace(/^(?:\$ )?(.+)$/gm, "`$1`"),
  });
  expect(others.map(script).flatMap(commandsOf).map(show)).toEqual([]);
});

const page = (text: string): Page => ({ path: "page.md", text });
const block = (text: string): Page => page(`\`\`\`sh\n${text}\n\`\`\`\n`);

test("reads a block command by command, without comments", () => {
  const script = "npm install   # once\n# then\nA=1 npm start\ncurl -d '# {\n\"a\": 1}' http://127.0.0.1/#b";
  expect(commandsOf(block(script)).map(({ text }) => text)).toEqual([
    "npm install",
    "A=1 npm start",
    "curl -d '# {\n\"a\": 1}' http://127.0.0.1/#b",
  ]);
});

test("names a command of several lines by one", () => {
  const script = "docker run \\\n  --rm x\ncat > a <<'E'\nb # c\nE\nnpm install &&\n  npm start";
  expect(commandsOf(block(script)).map(({ line, name }) => [line, name])).toEqual([
    [2, "docker run --rm x"],
    [4, "cat > a <<'E' b # c E"],
    [7, "npm install && npm start"],
  ]);
});

test("finds commands in a text, and no names of programs or files", () => {
  const text =
    "Run `npm start`, `A=b node x.js` or `cd a &&\nnpx b`: `npm`, `node:http`, `curl`, `deploy/x.sh`, `vllm`.";
  expect(commandsOf(page(text)).map(({ name }) => name)).toEqual(["npm start", "A=b node x.js", "cd a && npx b"]);
});

test("a command that isn't on its page, or is there in two forms, can't be run", () => {
  expect(documented("README.md", "npm start -- --o…")).toBe("npm start -- --once");
  expect(() => documented("README.md", "npm run nonsense")).toThrow("README.md has 0 commands npm run nonsense");
  expect(() => documented("README.md", "npm start -- …")).toThrow(/README.md has \d+ commands/);
});

test("a scenario runs what it takes from a page, not what it only names", () => {
  const text =
    'const x = documented("a.md", "npm x");\n  documented("a.md", "npm y");\nrun(documented("a.md", \'npm "z"\'));';
  expect(referencesIn(text)).toEqual([
    { page: "a.md", name: "npm x" },
    { page: "a.md", name: 'npm "z"' },
  ]);
});
