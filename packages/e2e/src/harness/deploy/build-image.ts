import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { promisify } from "node:util";
import { execForm, readDockerfile, type Stage, variablesOf } from "./read-dockerfile.ts";

const run = promisify(execFile);

interface BuildOptions {
  /** The folder with the Dockerfile. */
  context: string;
  /** Takes what the stages make, each under its name. */
  folder: string;
  /** What the build's commands get of this machine. */
  env: Readonly<Record<string, string | undefined>>;
}

/** What `docker run` would start, as processes of this machine. */
export interface BuiltImage {
  /** The image's root; absolute paths in commands and variables lie in it already. */
  root: string;
  workingFolder: string;
  env: Readonly<Record<string, string>>;
  user: string;
  command: readonly string[];
  healthCheck: readonly string[];
}

/** Does what a Dockerfile says without a container: in folders, by this machine's user, on this machine's Node. */
export async function buildImage({ context, folder, env }: BuildOptions): Promise<BuiltImage> {
  const stages = readDockerfile(await readFile(join(context, "Dockerfile"), "utf8"));
  let image: BuiltImage | undefined;
  for (const [index, stage] of stages.entries()) {
    image = await buildStage(stage, { context, folder, env, root: join(folder, stage.name ?? String(index)) });
  }
  if (image === undefined) {
    throw new Error("a Dockerfile without a stage");
  }
  return image;
}

async function buildStage(
  stage: Stage,
  { context, env: machine, folder, root }: BuildOptions & { root: string },
): Promise<BuiltImage> {
  /** In an image these are the root's; here they lie in a folder. */
  const relocate = (text: string): string => text.replace(/(?<=^|[\s"'=])\/(app|var\/lib)(?=\/|$)/g, `${root}/$1`);
  let image: BuiltImage = { root, workingFolder: root, env: {}, user: "root", command: [], healthCheck: [] };
  await mkdir(join(root, "var/lib"), { recursive: true });
  for (const { rest, word } of stage.instructions) {
    if (word === "WORKDIR") {
      image = { ...image, workingFolder: join(root, rest) };
      await mkdir(image.workingFolder, { recursive: true });
    } else if (word === "ENV") {
      image = { ...image, env: { ...image.env, ...variablesOf(relocate(rest)) } };
    } else if (word === "COPY") {
      await copy(rest, { context, folder, target: image.workingFolder });
    } else if (word === "RUN") {
      // Files belong to the one user there is here.
      const command = relocate(rest).replace(
        /\bchown 1000:1000\b/,
        `chown ${process.getuid?.()}:${process.getgid?.()}`,
      );
      await run("/bin/sh", ["-c", command], { cwd: image.workingFolder, env: { ...machine, ...image.env } });
    } else if (word === "USER") {
      image = { ...image, user: rest };
    } else if (word === "CMD") {
      image = { ...image, command: execForm(rest) };
    } else if (word === "HEALTHCHECK") {
      image = { ...image, healthCheck: execForm(rest.slice(rest.indexOf(" CMD ") + " CMD ".length)) };
    } else if (!["ARG", "LABEL", "EXPOSE"].includes(word)) {
      throw new Error(`an instruction that isn't known here: ${word}`);
    }
  }
  return image;
}

interface CopyPlaces {
  context: string;
  folder: string;
  target: string;
}

/** COPY: of files of the context that .dockerignore lets pass, or of a path of an earlier stage. */
async function copy(rest: string, { context, folder, target }: CopyPlaces): Promise<void> {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith("--from=") ? words.shift()?.slice("--from=".length) : undefined;
  const destination = join(target, words.pop() ?? "");
  if (from !== undefined) {
    await cp(join(folder, from, words[0] ?? ""), destination, { recursive: true, verbatimSymlinks: true });
    return;
  }
  for (const file of await contextFiles(context)) {
    if (words.some((word) => word === "." || matchesGlob(file, word))) {
      await cp(join(context, file), join(destination, file));
    }
  }
}

/** The files that a build sees. */
async function contextFiles(context: string): Promise<string[]> {
  const ignoreFile = join(context, ".dockerignore");
  const text = existsSync(ignoreFile) ? await readFile(ignoreFile, "utf8") : "";
  const patterns = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const entries = await readdir(context, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(context.length + 1))
    .filter((file) => !isIgnored(file, patterns));
}

/** A pattern leaves out what it matches, and all that is inside of that. */
function isIgnored(file: string, patterns: readonly string[]): boolean {
  const parts = file.split("/");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  return paths.some((path) => patterns.some((pattern) => matchesGlob(path, pattern)));
}
