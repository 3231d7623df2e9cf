import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isNativeError } from "node:util/types";
import type { ModelAccess } from "@pyworker/core";
import { askingForNothing, isFilled, type RequestInput, readBenchmarkRequest } from "./read-benchmark-request.ts";
import { hasSeed, renewSeeds } from "./renew-seeds.ts";

/** Where the benchmark's requests come from: the first that can be used. */
export interface BenchmarkSources {
  /** The app's own file, `misc/benchmark.json`. It need not exist. */
  file?: string | undefined;
  /** The file that `BENCHMARK_JSON_PATH` names. */
  path?: string | undefined;
  /** A file that the machine's image brings. It need not exist. */
  wellKnown?: string | undefined;
  /** Makes a request where no file can be used. */
  builtIn: () => { input: RequestInput };
  /** Why the handler would refuse a file's `input`; undefined where it wouldn't. Default: it needs a workflow or a modifier. */
  faultOf?: (input: RequestInput) => string | undefined;
  /** Asked for when the first request is: by then the worker has one. */
  log(): ModelAccess["log"];
}

interface Candidate {
  path: string | undefined;
  mayBeMissing: boolean;
}

/** Makes the benchmark's requests, each with other seeds. The files are read once, when the first is asked for. */
export function createBenchmarkPayloads(sources: BenchmarkSources): () => Promise<{ input: RequestInput }> {
  let found: Promise<RequestInput | undefined> | undefined;
  return async () => {
    found ??= findInput(sources);
    const input = (await found) ?? sources.builtIn().input;
    return { input: { ...renewSeeds(input), request_id: `test-${randomInt(1_000_000_000)}` } };
  };
}

async function findInput({
  file,
  log: openLog,
  path,
  wellKnown,
  ...checks
}: BenchmarkSources): Promise<RequestInput | undefined> {
  const log = openLog();
  const candidates: Candidate[] = [
    { path: file, mayBeMissing: true },
    { path, mayBeMissing: false },
    { path: wellKnown, mayBeMissing: true },
  ];
  for (const { path, mayBeMissing } of candidates) {
    if (path === undefined || path === "") {
      continue;
    }
    try {
      const input = await readInput(path, checks);
      log.info({ path }, "the benchmark runs this file's request");
      if (isFilled(input.workflow_json) && !hasSeed(input.workflow_json)) {
        log.warn(
          { path },
          "the benchmark's workflow has no seed to change: ComfyUI's cache may answer it, all too fast",
        );
      }
      return input;
    } catch (error) {
      if (!mayBeMissing || !isMissing(error)) {
        log.warn(
          { path, reason: isNativeError(error) ? error.message : String(error) },
          "the benchmark can't run this file's request",
        );
      }
    }
  }
  return undefined;
}

async function readInput(path: string, { faultOf = askingForNothing }: Pick<BenchmarkSources, "faultOf">) {
  const input = readBenchmarkRequest(await readFile(path, "utf8"));
  const fault = faultOf(input);
  if (fault !== undefined) {
    throw new Error(fault);
  }
  return input;
}

const isMissing = (error: unknown): boolean => isNativeError(error) && "code" in error && error.code === "ENOENT";
