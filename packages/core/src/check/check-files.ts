import { access, constants, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { hasCode } from "../has-code.ts";
import { reasonOf } from "../reason-of.ts";
import type { Finding } from "./finding.ts";

/** Whether the model's log can be read, or may yet come. Where no log is needed, nothing of it is wrong. */
export async function checkLogFile(path: string, isNeeded: boolean): Promise<readonly Finding[]> {
  const name = "model log";
  const outcome = isNeeded ? "wrong" : "warning";
  const advice = "start the model server with its output in it, or set MODEL_LOG";
  const reason = await whyUnreadable(path);
  if (reason === undefined) {
    return [{ name, outcome: "ok", found: `${path} can be read` }];
  }
  if (reason !== missing) {
    return [{ name, outcome, expected: `a file that can be read at ${path}`, found: reason, advice }];
  }
  const folder = dirname(path);
  return [
    (await isFolder(folder))
      ? { name, outcome: "warning", expected: `the file ${path}`, found: "none yet", advice }
      : { name, outcome, expected: `the file ${path}`, found: `not even its folder ${folder}`, advice },
  ];
}

/** Whether a measured throughput can be kept. A worker that can't keep it measures again at its next start. */
export async function checkBenchmarkFile(given: string): Promise<readonly Finding[]> {
  const name = "BENCHMARK_FILE";
  const folder = dirname(resolve(given));
  try {
    await access(folder, constants.W_OK);
    return [{ name, outcome: "ok", found: `${folder} can be written to` }];
  } catch (error) {
    const expected = `a folder that can be written to at ${folder}`;
    const advice = "make it, or set BENCHMARK_FILE; otherwise each start measures anew";
    return [{ name, outcome: "warning", expected, found: reasonOf(error), advice }];
  }
}

const missing = "ENOENT";

/** Undefined for a file that can be read; `missing` where there is none. */
async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    // A pipe would hold up whoever opens it.
    if (!(await stat(path)).isFile()) {
      return "something that is no file";
    }
    await (await open(path)).close();
    return undefined;
  } catch (error) {
    return hasCode(error, missing) ? missing : reasonOf(error);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
