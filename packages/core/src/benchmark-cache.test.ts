import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createBenchmarkCache } from "./benchmark-cache.ts";
import { collectLog } from "./collected-log.test.fixture.ts";

const measuredFor = { backend: "vllm", model: "m", runs: 8, absent: undefined };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "benchmark-cache-"));
  path = join(folder, ".has_benchmark");
});
afterEach(() => rmSync(folder, { recursive: true }));

function setUp(fields: { path?: string; measuredFor?: Record<string, unknown> } = {}) {
  const { lines, log } = collectLog();
  return { cache: createBenchmarkCache({ path, measuredFor, log, ...fields }), lines };
}

describe("read", () => {
  test("gives what was written for the same, from one start to the next", async () => {
    await setUp().cache.write(1234.5678);
    const { cache, lines } = setUp();
    expect(await cache.read()).toBe(1234.5678);
    expect(lines).toEqual([]);
    // The Python worker reads the first line.
    expect(Number(readFileSync(path, "utf8").split("\n")[0])).toBe(1234.5678);
  });

  test.each([
    ["model", { ...measuredFor, model: "other" }],
    ["setting", { ...measuredFor, runs: 9 }],
    ["set of settings", { ...measuredFor, concurrency: 1 }],
    ["set of settings, smaller", { backend: "vllm" }],
  ])("gives nothing that was measured for another %s", async (_what, other) => {
    await setUp().cache.write(10);
    const { cache, lines } = setUp({ measuredFor: other });
    expect(await cache.read()).toBeUndefined();
    expect(lines[0]?.msg).toContain("measured for something else");
  });

  test.each([
    ["1234.5", 1234.5],
    ["1234.5\n", 1234.5],
    ["1e+16\r\n", 1e16],
    [" 7 ", 7],
  ])("takes a bare number: %j", async (text, perf) => {
    writeFileSync(path, text);
    expect(await setUp().cache.read()).toBe(perf);
  });

  test.each(["", "\n", " ", "fast", "12 34", "NaN", "inf", "Infinity", "-1", "0", "0.0", "{}", "\u0000\u0000", "1,5"])(
    "measures anew where the file holds %j",
    async (text) => {
      writeFileSync(path, text);
      const { cache, lines } = setUp();
      expect(await cache.read()).toBeUndefined();
      expect(lines[0]?.msg).toContain("empty or broken");
    },
  );

  test.each(["not json", '{"backend":"vllm"', "null"])("measures anew where it was measured for %j", async (text) => {
    writeFileSync(path, `10\n${text}\n`);
    expect(await setUp().cache.read()).toBeUndefined();
  });

  test("has nothing to say where there is no file", async () => {
    const { cache, lines } = setUp();
    expect(await cache.read()).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test("measures anew where the file can't be read, and says why", async () => {
    mkdirSync(path);
    const { cache, lines } = setUp();
    expect(await cache.read()).toBeUndefined();
    expect(String(lines[0]?.reason)).toContain("EISDIR");
  });
});

describe("write", () => {
  test("replaces the file at once, and leaves nothing else behind", async () => {
    const { cache } = setUp();
    await cache.write(10);
    await cache.write(20);
    expect(await cache.read()).toBe(20);
    expect(readdirSync(folder)).toEqual([".has_benchmark"]);
  });

  test("is no failure on a full disk, and keeps what was there", async () => {
    writeFileSync(path, "10\n");
    // Writing to /dev/full fails as on a full disk.
    symlinkSync("/dev/full", `${path}.${process.pid}.tmp`);
    const { cache, lines } = setUp();
    await cache.write(20);
    expect(String(lines[0]?.reason)).toContain("ENOSPC");
    expect(lines[0]?.msg).toContain("set BENCHMARK_FILE");
    expect(readdirSync(folder)).toEqual([".has_benchmark"]);
    expect(await cache.read()).toBe(10);
  });

  test("is no failure where the folder does not exist, or is none", async () => {
    writeFileSync(join(folder, "file"), "");
    for (const wrong of [join(folder, "missing", "b"), join(folder, "file", "b")]) {
      const { cache, lines } = setUp({ path: wrong });
      await cache.write(10);
      expect(lines).toMatchObject([{ path: wrong, reason: expect.stringMatching(/ENOENT|ENOTDIR/) }]);
    }
  });

  test("is no failure where a directory is in the way", async () => {
    mkdirSync(path);
    const { cache, lines } = setUp();
    await cache.write(10);
    expect(lines).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([".has_benchmark"]);
  });
});
