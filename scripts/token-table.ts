// Writes the table of deviations into packages/tokens/README.md. With --check it writes nothing, and ends with 1 where
// the table is out of date.
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTokenCounter } from "@pyworker/tokens";

interface Corpus {
  corpus: Readonly<Record<string, string>>;
}

interface Reference {
  modelFolders: Readonly<Record<string, string>>;
  referenceCounter(folder: string): (text: string) => number;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const packageFolder = join(root, "packages/tokens");
const readme = join(packageFolder, "README.md");
const begin = "<!-- deviations: made by scripts/token-table.ts -->";
const end = "<!-- /deviations -->";

const { corpus }: Corpus = await import(join(packageFolder, "src/corpus.test.fixture.ts"));
const { modelFolders, referenceCounter }: Reference = await import(
  join(packageFolder, "src/reference.test.fixture.ts")
);

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

const ways = { "its own": undefined, cl100k_base: "cl100k_base", o200k_base: "o200k_base", "bytes/4": "bytes" };

const deviations = new Map(Object.keys(corpus).map((name) => [name, [] as string[]]));
for (const path of Object.values(modelFolders)) {
  const expected = referenceCounter(path);
  for (const tokenizer of Object.values(ways)) {
    const counter = createTokenCounter({ tokenizer: tokenizer ?? path, budgetMilliseconds: Number.POSITIVE_INFINITY });
    const { problem } = await counter.load();
    if (problem !== undefined) {
      throw new Error(problem);
    }
    for (const [name, text] of Object.entries(corpus)) {
      deviations.get(name)?.push(percent(counter.count(text) / expected(text) - 1));
    }
  }
}

const heads = Object.keys(modelFolders).flatMap((model) => Object.keys(ways).map((way) => `${model}, ${way}`));
const table = [
  line(["text", ...heads]),
  line(["---", ...heads.map(() => "---:")]),
  ...[...deviations].map(([name, cells]) => line([name, ...cells])),
].join("\n");
console.log(table);

const page = await readFile(readme, "utf8");
const [before, after] = [page.split(begin)[0], page.split(end)[1]];
if (before === undefined || after === undefined) {
  throw new Error(`${relative(root, readme)} lacks "${begin}" or "${end}"`);
}
const wanted = `${before}${begin}\n\n${table}\n\n${end}${after}`;
if (values.check && wanted !== page) {
  console.error(`${relative(root, readme)} is out of date: run \`node scripts/token-table.ts\``);
  process.exitCode = 1;
} else if (wanted !== page) {
  await writeFile(readme, wanted);
  console.log(`wrote ${relative(root, readme)}`);
}

function percent(share: number): string {
  if (share === 0) {
    return "0";
  }
  return `${share < 0 ? "−" : "+"}${(Math.abs(share) * 100).toFixed(1)} %`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
