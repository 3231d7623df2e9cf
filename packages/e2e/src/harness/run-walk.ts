import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect } from "@jest/globals";
import { documented } from "../docs/commands.ts";
import { root } from "../docs/pages.ts";
import type { Step, Walk } from "../docs/walks/walk.ts";
import { freePorts } from "./free-ports.ts";
import { createShellSession, type ShellSession } from "./shell-session.ts";

/** The ports that pages name. */
const pagePorts = ["3000", "3001", "5001", "8080", "18000", "18188"];
/** The folders that pages name for files of any name. */
const pageFolders = ["/path/to/", "/tmp/"];
/** What this process has been given by whoever runs the tests, and a reader has not. */
const ours = /^(npm_|NODE_|INIT_CWD|TURBO_|PNPM_|COMFYUI_|FORCE_COLOR)/;

/** Runs the commands of a walk as its pages have them, in a new folder. */
export async function runWalk(walk: Walk, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pyworker-walk-"));
  await mkdir(join(folder, "tmp"));
  const toHere = await createSubstitution(folder);
  const own = Object.entries(walk.env ?? {}).map(([name, value]) => [name, toHere(value)]);
  const session = createShellSession({
    folder,
    shell: walk.kind === "e2e" ? "sh" : "bash",
    env: {
      ...readersEnvironment(walk.node ?? "repository"),
      // What npm has fetched before is as good.
      NPM_CONFIG_PREFER_OFFLINE: "true",
      ...env,
      ...Object.fromEntries(own),
    },
  });
  try {
    if (walk.copyOf !== undefined) {
      const isOurs = (path: string): boolean => !/[/\\](node_modules|dist|\.turbo)$/.test(path);
      await cp(join(root, walk.copyOf), folder, { recursive: true, filter: isOurs });
    }
    for (const step of walk.steps) {
      await runStep(step, { folder, session, toHere });
    }
  } finally {
    await session.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Place {
  folder: string;
  session: ShellSession;
  /** A text of a page as it is here. */
  toHere(text: string): string;
}

async function runStep(step: Step, { folder, session, toHere }: Place): Promise<void> {
  const [text = "", ...others] = step.pages.map((page) => documented(page, step.name));
  expect(others.filter((other) => other !== text)).toEqual([]);
  const replaced = Object.entries(step.replace ?? {}).reduce(replaceIn, text);
  const command = toHere(step.more === undefined ? replaced : `${replaced} ${step.more}`);
  if (step.stopsLast) {
    await session.stopLast();
  }
  if (step.before !== undefined) {
    await session.run(toHere(step.before));
  }
  if (step.folder !== undefined) {
    const place = step.folder.startsWith("/") ? join(root, step.folder) : join(folder, step.folder);
    await session.run(`mkdir -p '${place}' && cd '${place}'`);
  }
  for (const [path, content] of Object.entries(step.files ?? {})) {
    await writeFile(join(folder, path), content);
  }
  if (step.until !== undefined) {
    await session.start(command, step.until);
    return;
  }
  const { output, status } = await session.run(command);
  expect({ command, status, output }).toEqual({
    command,
    status: 0,
    output: expect.stringContaining(step.prints ?? ""),
  });
}

function replaceIn(text: string, [part, here]: [string, string]): string {
  if (!text.includes(part)) {
    throw new Error(`there is no ${part} in ${text}`);
  }
  return text.replaceAll(part, here);
}

/** What stands for the ports and folders of pages in one walk; a port is followed by another that is free. */
async function createSubstitution(folder: string): Promise<(text: string) => string> {
  const places = new Map(pageFolders.map((name) => [name, `${folder}/tmp/`]));
  for (const name of pagePorts) {
    places.set(name, String((await freePorts()).port));
  }
  const names = new RegExp(`${pageFolders.join("|")}|\\b(?:${pagePorts.join("|")})\\b`, "g");
  return (text) => text.replace(names, (name) => places.get(name) ?? name);
}

function readersEnvironment(node: "repository" | "machine"): Record<string, string | undefined> {
  const machines = (process.env.PATH ?? "").split(delimiter).filter((place) => !place.includes("node_modules"));
  const path = node === "machine" ? machines : [dirname(process.execPath), ...machines];
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
