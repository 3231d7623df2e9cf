import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";

const fileNames = ["tokenizer.json", "tekken.json"];

/** The vocabularies that a path leads to, itself or the files of that folder, the likelier first. */
export async function findTokenizerFiles(path: string): Promise<string[]> {
  const found = await statOf(path);
  if (found?.isFile()) {
    return [path];
  }
  const files = found?.isDirectory() ? fileNames.map((name) => join(path, name)) : [];
  const exist = await Promise.all(files.map(async (file) => (await statOf(file))?.isFile() === true));
  return files.filter((_, index) => exist[index]);
}

/** The vocabularies of a model: a folder of its own, or `org/name` in one of the cache folders of Hugging Face's hub. */
export async function findModelFiles(model: string, hubFolders: readonly string[]): Promise<string[]> {
  const isFolder = (await statOf(model))?.isDirectory() === true;
  const folders = isFolder ? [model] : [];
  if (/^[\w.-]+(\/[\w.-]+)?$/.test(model)) {
    for (const hub of hubFolders) {
      folders.push(...(await snapshots(join(hub, `models--${model.replace("/", "--")}`))));
    }
  }
  for (const folder of folders) {
    const files = await findTokenizerFiles(folder);
    if (files.length > 0) {
      return files;
    }
  }
  return [];
}

export const isTekken = (file: string): boolean => basename(file) === "tekken.json";

/** The revision that was asked for last, then any other. */
async function snapshots(folder: string): Promise<string[]> {
  const main = await readFile(join(folder, "refs", "main"), "utf8").catch(() => "");
  const all = await readdir(join(folder, "snapshots")).catch(() => []);
  return [...all.filter((name) => name === main.trim()), ...all.filter((name) => name !== main.trim())].map((name) =>
    join(folder, "snapshots", name),
  );
}

const statOf = (path: string) => stat(path).catch(() => undefined);
