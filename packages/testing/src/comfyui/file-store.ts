import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, normalize, resolve, sep } from "node:path";

export interface SavedFile {
  filename: string;
  subfolder: string;
  /** `output`, `temp` or `input`. */
  type: string;
}

interface NewFile {
  type: string;
  /** The beginning of its name, with its subfolder. */
  prefix: string;
  /** What follows the number, with the extension. */
  ending: string;
  bytes: Buffer | Iterable<Buffer>;
}

interface Upload {
  type: string;
  subfolder: string;
  name: string;
  bytes: Buffer;
  overwrites: boolean;
}

/** ComfyUI's three folders. */
export interface FileStore {
  readonly outputFolder: string;
  /** Writes a file under the next free number. */
  save(file: NewFile): Promise<SavedFile>;
  /** Keeps what was uploaded, under another name where its own is taken; undefined where it would lie outside. */
  upload(upload: Upload): Promise<SavedFile | undefined>;
  /** Where a file lies; undefined where that is outside its folder or there is no such folder. */
  pathOf(file: SavedFile): string | undefined;
  readInput(name: string): Promise<Buffer | undefined>;
  /** Tells the contents of an input file from others; undefined where there is no such file. */
  inputDigest(name: string): string | undefined;
  /** The names in the input folder, as a workflow refers to them. */
  inputs(): string[];
  deleteOutputs(): Promise<void>;
  remove(): Promise<void>;
}

const types = ["output", "temp", "input"];

export async function createFileStore(givenOutputFolder?: string): Promise<FileStore> {
  const root = await mkdtemp(join(tmpdir(), "stand-in-comfyui-"));
  const folders = new Map(types.map((type) => [type, join(root, type)]));
  const outputFolder = givenOutputFolder ?? join(root, "output");
  const inputFolder = join(root, "input");
  folders.set("output", outputFolder);
  await Promise.all([...folders.values()].map((folder) => mkdir(folder, { recursive: true })));

  const pathOf = ({ filename, subfolder, type }: SavedFile): string | undefined => {
    const folder = folders.get(type);
    const path = folder && resolve(folder, subfolder, filename);
    return path?.startsWith(`${folder}${sep}`) ? path : undefined;
  };
  const inputPath = (name: string) =>
    pathOf({ filename: name.replace(/ \[input\]$/, ""), subfolder: "", type: "input" });
  return {
    outputFolder,
    pathOf,
    save: async ({ bytes, ending, prefix, type }) => {
      const subfolder = dirname(normalize(prefix)) === "." ? "" : dirname(normalize(prefix));
      const start = basename(prefix);
      const probe = pathOf({ filename: start, subfolder, type });
      if (probe === undefined) {
        throw new Error("Saving image outside the output folder is not allowed.");
      }
      await mkdir(dirname(probe), { recursive: true });
      const number = String(1 + (await lastNumber(dirname(probe), start))).padStart(5, "0");
      const filename = `${start}_${number}${ending}`;
      await writeFile(join(dirname(probe), filename), bytes);
      return { filename, subfolder, type };
    },
    upload: async ({ bytes, name, overwrites, subfolder, type }) => {
      for (let count = 0; ; count += 1) {
        const filename = count === 0 ? name : name.replace(/(\.[^.]*)?$/, ` (${count})$1`);
        const path = pathOf({ filename, subfolder, type });
        if (path === undefined) {
          return undefined;
        }
        const present = await readOrNothing(path);
        if (present === undefined || overwrites || present.equals(bytes)) {
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, bytes);
          return { filename, subfolder, type };
        }
      }
    },
    readInput: (name) => readOrNothing(inputPath(name) ?? ""),
    inputDigest: (name) => {
      try {
        return createHash("sha256")
          .update(readFileSync(inputPath(name) ?? ""))
          .digest("hex");
      } catch {
        return undefined;
      }
    },
    inputs: () =>
      readdirSync(inputFolder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => join(parentPath, name).slice(inputFolder.length + 1))
        .sort(),
    deleteOutputs: async () => {
      for (const name of await readdir(outputFolder)) {
        await rm(join(outputFolder, name), { recursive: true });
      }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}

async function lastNumber(folder: string, start: string): Promise<number> {
  const numbers = (await readdir(folder))
    .filter((name) => name.startsWith(`${start}_`))
    .map((name) => Number(/^\d+/.exec(name.slice(start.length + 1))?.[0] ?? 0));
  return Math.max(0, ...numbers);
}
