import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const scripts = fileURLToPath(new URL("../../python/", import.meta.url));
const repositoryCache = fileURLToPath(new URL("../../../../.cache/", import.meta.url));
const oldest = { major: 3, minor: 10 };

/** Long enough to install everything over a slow line; for the hook that calls `preparePython` or `prepareLinters`. */
export const installMilliseconds = 600_000;
const scriptMilliseconds = 50_000;

/** Where a Python script of this package lies. */
export const scriptPath = (name: string): string => join(scripts, name);

interface EnvironmentOptions {
  /** The folder that the environments lie in. Default: the repository's cache. */
  cache?: string;
  /** Where to look for python3. Default: this process's PATH. */
  path?: string | undefined;
}

/** The Python of a virtual environment with Vast's package in it. */
export async function preparePython(options: EnvironmentOptions = {}): Promise<string> {
  return pythonIn(await prepareEnvironment("requirements.txt", options));
}

/** The folder of the linters that come as Python packages: `shellcheck`, among others. */
export async function prepareLinters(options: EnvironmentOptions = {}): Promise<string> {
  return join(await prepareEnvironment("lint-requirements.txt", options), "bin");
}

/**
 * The folder of a virtual environment with the packages of a file of this package. Made at the first call, kept for
 * every later one, and made anew when the pinned versions change or the last attempt did not finish.
 */
async function prepareEnvironment(
  file: string,
  { cache = repositoryCache, path = process.env.PATH }: EnvironmentOptions,
): Promise<string> {
  const requirements = scriptPath(file);
  const pinned = await readFile(requirements);
  const folder = join(cache, `interop-${createHash("sha256").update(pinned).digest("hex").slice(0, 12)}`);
  const python = pythonIn(folder);
  const stamp = join(folder, ".complete");
  // The interpreter is a link into the machine's Python, which may have been replaced since.
  if (existsSync(stamp) && existsSync(python)) {
    return folder;
  }
  const attempt = createAttempt({ ...process.env, PATH: path });
  const version = await attempt(
    ["python3", "-c", "import sys; print(*sys.version_info[:2])"],
    "there is no python3 (Debian: apt-get install python3 python3-venv)",
  );
  checkVersion(version);
  await rm(folder, { recursive: true, force: true });
  await attempt(
    ["python3", "-m", "venv", folder],
    "Python's venv module does not work (Debian: apt-get install python3-venv)",
  );
  const install = [python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
  await attempt([...install, "-r", requirements], "pip could not install the pinned packages");
  await writeFile(stamp, "");
  return folder;
}

const pythonIn = (folder: string): string => join(folder, "bin", "python");

/** Runs a script of this package to its end. Resolves to the JSON value it printed; rejects with what it complained of. */
export async function runScript(
  python: string,
  name: string,
  { args = [], env }: { args?: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<unknown> {
  const { stdout } = await run(python, [scriptPath(name), ...args], {
    env: { ...pythonEnvironment(), ...env },
    timeout: scriptMilliseconds,
    killSignal: "SIGKILL",
  });
  return JSON.parse(stdout);
}

/** What a Python process gets of this process's environment: nothing that could change what it does. */
export function pythonEnvironment(): Record<string, string> {
  // Compiled modules beside the scripts would be litter in the repository.
  return { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", PYTHONDONTWRITEBYTECODE: "1" };
}

function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(" ").map(Number);
  if (major !== oldest.major || minor < oldest.minor) {
    throw new Error(`the tests need Python ${oldest.major}.${oldest.minor} or later, and python3 is ${major}.${minor}`);
  }
}

/** Runs a command, and says in plain words what it was good for when it fails. */
const createAttempt =
  (env: NodeJS.ProcessEnv) =>
  async ([command = "", ...args]: readonly string[], complaint: string): Promise<string> => {
    try {
      const { stdout } = await run(command, args, { env });
      return stdout;
    } catch (error) {
      throw new Error(`${complaint}:\n${outputOf(error)}`, { cause: error });
    }
  };

/** What a command said before it failed: pip and venv explain themselves on either stream. */
function outputOf(error: unknown): string {
  const { message = "", stdout = "", stderr = "" } = error as { message?: string; stdout?: string; stderr?: string };
  return `${stdout}${stderr}`.trim() || message;
}
