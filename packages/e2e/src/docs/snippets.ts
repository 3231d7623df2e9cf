import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CodeBlock, codeBlocks, pages, root } from "./pages.ts";

/** Code of a page, as a file that can be compiled and run. */
interface Snippet extends CodeBlock {
  file: string;
}

/** The TypeScript of all pages, written where it finds what it imports. */
export interface Snippets {
  folder: string;
  /** The snippets of one page. */
  of(page: string): Snippet[];
  all: readonly Snippet[];
  remove(): Promise<void>;
}

const cache = `${root}packages/e2e/.cache/`;

const tsconfig = {
  extends: `${root}tsconfig.base.json`,
  compilerOptions: {
    noEmit: true,
    composite: false,
    declarationMap: false,
    // A snippet may show a declaration without its use.
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ["**/*.ts"],
};

/** A block that begins with `// path/of/a-file.ts` is that file: other blocks of its page can import it. */
export const nameOf = ({ text }: CodeBlock): string | undefined => text.match(/^\/\/ ([\w./-]+\.ts)\n/)?.[1];

export async function writeSnippets(): Promise<Snippets> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(`${cache}snippets-`);
  const blocks = pages.flatMap(codeBlocks).filter(({ language }) => language === "ts");
  const all = blocks.map((block) => ({
    ...block,
    file: join(folder, block.page.replaceAll("/", "-"), nameOf(block) ?? `line-${block.line}.ts`),
  }));
  for (const { file, text } of all) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  await linkPackages(join(folder, "node_modules", "@pyworker"));
  return {
    folder,
    all,
    of: (page) => all.filter((snippet) => snippet.page === page),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A page may import any of our packages, whatever this one depends on. */
async function linkPackages(scope: string): Promise<void> {
  await mkdir(scope, { recursive: true });
  for (const name of await readdir(`${root}packages`)) {
    await symlink(`${root}packages/${name}`, join(scope, name));
  }
}
