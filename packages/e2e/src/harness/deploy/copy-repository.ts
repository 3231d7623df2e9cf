import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Makes a git repository, on the branch `main`, of this working tree as it stands: what its users clone. */
export async function copyRepository(folder: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    maxBuffer: 2 ** 24,
  });
  for (const file of stdout.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted but not committed yet is still listed.
    await cp(join(root, file), join(folder, file)).catch(ignoreMissing);
  }
  await commitAll(folder);
}

/** Makes a repository of a folder, or one commit more. Resolves to the commit. */
export async function commitAll(folder: string): Promise<string> {
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd: folder });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message=as it stands");
  const { stdout } = await git("rev-parse", "HEAD");
  return stdout.trim();
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") {
    throw error;
  }
}
