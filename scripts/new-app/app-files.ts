import { execFileSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";

interface AppFilesOptions {
  /** The repository's folder. */
  root: string;
  /** A folder of `apps`. */
  app: string;
  /** The copy's name. */
  name: string;
}

/** A file of the copy. */
interface AppFile {
  /** From the app's folder. */
  path: string;
  content: Buffer | string;
  /** Who may read, write and run it. */
  mode: number;
}

const home = "https://github.com/pyworker/pyworker/blob/main";

/** All files of an app that git knows, as they are to stand in a folder outside the repository. */
export async function appFiles({ app, name, root }: AppFilesOptions): Promise<AppFile[]> {
  const folder = join(root, "apps", app);
  const paths = execFileSync("git", ["ls-files", "-z"], { cwd: folder, encoding: "utf8" }).split("\0").filter(Boolean);
  return Promise.all(
    paths.map(async (path) => {
      const content = await readFile(join(folder, path));
      const { mode } = await stat(join(folder, path));
      const change = changes[path];
      return { path, mode, content: change === undefined ? content : change(content.toString(), { app, name }) };
    }),
  );
}

const changes: Readonly<Record<string, (text: string, copy: { app: string; name: string }) => string>> = {
  "package.json": (text, { name }) => `${JSON.stringify({ ...JSON.parse(text), name }, null, 2)}\n`,
  "README.md": (text, { app, name }) => leadHome(retitle(text, name), `apps/${app}`),
};

/** "# A worker for vLLM" becomes "# mine: a worker for vLLM". */
function retitle(text: string, name: string): string {
  return text.replace(/^# (.)/, (_, first: string) => `# ${name}: ${first.toLowerCase()}`);
}

/** Links that leave the app's folder lead to the repository on the web instead. */
function leadHome(text: string, folder: string): string {
  return text.replace(/\]\((\.\.\/[^)\s]+)\)/g, (_, target: string) => `](${home}/${posix.join(folder, target)})`);
}
