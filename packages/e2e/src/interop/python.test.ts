import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { prepareLinters, preparePython } from "./python.ts";

let folder: string;
let cache: string;
/** All of the PATH: there is no Python but the one that a test puts here. */
let bin: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pyworker-python-"));
  [cache, bin] = [join(folder, "cache"), join(folder, "bin")];
  await mkdir(bin);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Puts a python3 there that is a shell script. `$1` is -c when it is asked for its version, else -m. */
async function install(script: string): Promise<void> {
  const file = join(bin, "python3");
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
}

/** A Python whose virtual environments hold a pip that writes down that it ran, and ends with `pipStatus`. */
const working = (pipStatus: number): string => `
if [ "$1" = -c ]; then echo 3 11; exit; fi
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho pip >> ${folder}/calls\\necho it says why\\nexit ${pipStatus}\\n' > "$3/bin/python"
chmod +x "$3/bin/python"`;

const prepare = (): Promise<string> => preparePython({ cache, path: bin });

const pipRuns = async (): Promise<number> => (await readFile(join(folder, "calls"), "utf8")).split("\n").length - 1;

test("says what to install where there is no python3", async () => {
  await expect(prepare()).rejects.toThrow(/no python3 \(Debian: apt-get install python3 python3-venv\)/);
});

test("says which Python it needs where there is an older one", async () => {
  await install("echo 3 9");
  await expect(prepare()).rejects.toThrow("the tests need Python 3.10 or later, and python3 is 3.9");
});

test("says what to install where Python has no venv, and what Python said", async () => {
  await install('if [ "$1" = -c ]; then echo 3 11; exit; fi\necho ensurepip is not available\nexit 1');
  await expect(prepare()).rejects.toThrow(/apt-get install python3-venv\):\nensurepip is not available/);
});

test("makes an environment once, and finds it again", async () => {
  await install(working(0));
  const python = await prepare();
  expect(await prepare()).toBe(python);
  expect(await pipRuns()).toBe(1);
  expect(await readdir(cache)).toHaveLength(1);
});

test("keeps the linters in an environment of their own", async () => {
  await install(working(0));
  const python = await prepare();
  const linters = await prepareLinters({ cache, path: bin });
  expect(linters).not.toBe(dirname(python));
  expect(await readdir(linters)).toEqual(["python"]);
  expect(await prepareLinters({ cache, path: bin })).toBe(linters);
  expect(await pipRuns()).toBe(2);
});

test("makes an environment anew that was left half made", async () => {
  await install(working(1));
  await expect(prepare()).rejects.toThrow("pip could not install the pinned packages:\nit says why");
  await install(working(0));
  await prepare();
  expect(await pipRuns()).toBe(2);
});
