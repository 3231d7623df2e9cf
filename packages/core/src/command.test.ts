import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { startProcess, until } from "@pyworker/testing";

const program = fileURLToPath(new URL("command.test.fixture.ts", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startProcess({
    command: process.execPath,
    args: [program, ...words],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env,
  });

async function call(words: readonly string[], env?: Readonly<Record<string, string>>) {
  const child = start(words, env);
  const status = await child.exited;
  return { status, output: child.output() };
}

test("--help says what it is and what to set, in lines that fit, and makes no worker", async () => {
  const { output, status } = await call(["--help"]);
  expect(status).toBe(0);
  expect(output).toMatch(/^node my-worker\.ts \[options\]\n/);
  for (const text of ["--check", "--version", "MODEL_SERVER_URL", "MY_VARIABLE", "https://example.com/my-worker"]) {
    expect(output).toContain(text);
  }
  expect(output).toMatch(/\n {2}MY_VARIABLE +what it means, in .*\n +terminal\n/);
  const prose = output.split("\n").filter((line) => !line.includes("https://"));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(output).not.toContain("a worker is made");
  expect(await call(["-h"])).toEqual({ output, status });
});

test("--version is the package's name and version", async () => {
  expect(await call(["--version"])).toEqual({ status: 0, output: `@pyworker/core ${version}\n` });
});

test.each([["--chek"], ["extra"], ["--check=yes"]])("%s is refused with status 2", async (word) => {
  const { output, status } = await call([word]);
  expect(status).toBe(2);
  expect(output).toMatch(/^[^\n]*--help[^\n]*\n$/);
  expect(output).toContain(word.split("=")[0]);
  expect(output).not.toContain("a worker is made");
});

describe("--check", () => {
  test("prints a line for each finding, and how many of them are wrong", async () => {
    const { output, status } = await call(["--check"], { LOG_LEVEL: "loud", UNSECURED: "true", WORKER_PORT: "0x1" });
    expect(status).toBe(1);
    expect(output.split("\n")).toEqual([
      "a worker is made",
      'wrong    WORKER_PORT       expected a port from 1 to 65535, found "0x1"',
      expect.stringMatching(/^wrong {4}LOG_LEVEL {9}expected .*, found "loud"$/),
      expect.stringMatching(
        /^wrong {4}model server {6}expected .* at http:\/\/127\.0\.0\.1:9, found connect ECONNREFUSED .*: start it/,
      ),
      "skipped  engine            UNSECURED is true: no signature is checked",
      "skipped  WORKER_PORT       WORKER_PORT is wrong",
      "skipped  WORKER_HTTP_PORT  WORKER_PORT is wrong",
      "skipped  certificate       USE_SSL is not true",
      expect.stringMatching(/^ok {7}BENCHMARK_FILE {4}.* can be written to$/),
      "3 wrong, 0 warning, 1 ok, 4 skipped",
      "",
    ]);
  });
});

test("without a word the worker starts", async () => {
  const child = start([], { UNSECURED: "true", WORKER_HOST: "127.0.0.1", WORKER_PORT: "0x1" });
  await until(() => child.output().includes("Worker Server") || child.output().includes("WORKER_PORT: expected"));
  await child.stop();
  expect(child.output()).toContain("a worker is made");
});
