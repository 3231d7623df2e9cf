import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { LogPattern } from "@pyworker/core";
import { logActions } from "./log-actions.ts";

const holds = (line: string, pattern: LogPattern): boolean =>
  typeof pattern === "string" ? line.includes(pattern) : line.includes(pattern.text) && pattern.line.test(line.trim());

/** What the worker makes of a line. */
function meaningOf(line: string): string | undefined {
  const { onError = [], onInfo = [], onLoad = [] } = logActions;
  const kinds = { error: onError, load: onLoad, info: onInfo };
  const plain = stripVTControlCharacters(line);
  return Object.entries(kinds).find(([, patterns]) => patterns.some((pattern) => holds(plain, pattern)))?.[0];
}

const time = "2026-11-24T09:42:25.000001Z";
const escapeCharacter = "\u001b";
const dim = (text: string): string => `${escapeCharacter}[2m${text}${escapeCharacter}[0m`;

/** The router's lines, as `tracing-subscriber` writes them: in full, coloured, and as JSON with the fields at the top. */
const routerLine = {
  text: (message: string) => `${time}  INFO text_generation_router::server: router/src/server.rs:2402: ${message}`,
  coloured: (message: string) =>
    `${dim(time)} ${escapeCharacter}[32m INFO${escapeCharacter}[0m ${dim("text_generation_router::server")}${dim(":")} ${dim("router/src/server.rs")}${dim(":")}${escapeCharacter}[2m2402:${escapeCharacter}[0m ${message}`,
  old: (message: string) => `${time}  INFO text_generation_router: router/src/main.rs:289: ${message}`,
  json: (message: string) =>
    JSON.stringify({
      timestamp: time,
      level: "INFO",
      message,
      target: "text_generation_router::server",
      filename: "router/src/server.rs",
      line_number: 2402,
    }),
};

/** The launcher's: compact, coloured, and as JSON with its own object for the fields. */
const launcherLine = {
  text: (message: string) => `${time} ERROR text_generation_launcher: ${message}`,
  span: (message: string) => `${time} ERROR shard-manager: text_generation_launcher: ${message} rank=0`,
  coloured: (message: string) =>
    `${dim(time)} ${escapeCharacter}[31mERROR${escapeCharacter}[0m ${escapeCharacter}[1mtext_generation_launcher${escapeCharacter}[0m${dim(":")} ${message}`,
  json: (message: string) =>
    JSON.stringify({ timestamp: time, level: "ERROR", fields: { message }, target: "text_generation_launcher" }),
};

describe("the model is loaded", () => {
  test.each(Object.entries(routerLine))("by the router's line %s", (_grammar, line) => {
    expect(meaningOf(line("Connected"))).toBe("load");
    expect(meaningOf(`${line("Connected")}\r`)).toBe("load");
  });

  test.each(Object.entries(routerLine))("and not by another line %s", (_grammar, line) => {
    for (const message of ["Connected to the hub", "Not Connected", "Warming up model", "Connecting"]) {
      expect(meaningOf(line(message))).toBeUndefined();
    }
  });

  test("not by what others say, or by the word alone", () => {
    expect(meaningOf("Connected")).toBeUndefined();
    expect(meaningOf(launcherLine.text("Connected"))).toBeUndefined();
    expect(meaningOf(launcherLine.json("Connected"))).toBeUndefined();
  });
});

describe("the server has ended", () => {
  test.each([
    'ArgumentValidation("`max_input_tokens` must be < `max_total_tokens`")',
    'NotEnoughCUDADevices("`sharded` is true but only found 1 CUDA devices")',
    "DownloadError",
    "ShardCannotStart",
    "ShardDisconnected",
    "ShardFailed",
    "WebserverFailed",
    "WebserverCannotStart",
  ])("with Error: %s", (variant) => {
    expect(meaningOf(`Error: ${variant}`)).toBe("error");
    expect(meaningOf(`infer | Error: ${variant}\r`)).toBe("error");
    expect(meaningOf(`The user asked for "Error: ${variant}"`)).toBeUndefined();
  });

  test.each([launcherLine.text, launcherLine.coloured, launcherLine.json])("when a part of it has crashed", (line) => {
    expect(meaningOf(line("Shard 0 crashed"))).toBe("error");
    expect(meaningOf(line("Shard 12 crashed"))).toBe("error");
    expect(meaningOf(line("Webserver Crashed"))).toBe("error");
  });
});

test.each(Object.values(launcherLine))("how far a start has got is worth telling", (line) => {
  expect(meaningOf(line("Starting check and download process for gpt2"))).toBe("info");
  expect(meaningOf(line("Download file: model.safetensors"))).toBe("info");
  expect(meaningOf(line("Downloaded /data/model.safetensors in 0:00:05."))).toBe("info");
  expect(meaningOf(line("Shard ready in 7.5s"))).toBe("info");
  expect(meaningOf(line("Shard complete standard error output:"))).toBe("info");
  expect(meaningOf(line("Waiting for shard to be ready..."))).toBeUndefined();
});

describe("a request's own words mean nothing", () => {
  const words = [
    "Connected",
    routerLine.text("Connected"),
    routerLine.json("Connected"),
    "Error: ShardFailed",
    "Error: WebserverFailed\n",
    launcherLine.text("Shard 0 crashed"),
    launcherLine.text("Webserver Crashed"),
    launcherLine.json("Webserver Crashed"),
    launcherLine.text("Starting shard"),
  ];

  /** Rust's `{:?}` quotes a string as JSON does, near enough. */
  const parameters = (text: string): string => `GenerateParameters { best_of: None, stop: [${JSON.stringify(text)}] }`;

  test.each(words)("in the parameters that a finished request logs: %j", (text) => {
    const span = `generate{parameters=${parameters(text)} total_time="1s"}`;
    const asText = `${time}  INFO ${span}: text_generation_router::server: router/src/server.rs:457: Success`;
    const asJson = JSON.stringify({ level: "INFO", message: "Success", span: { parameters: parameters(text) } });
    expect(meaningOf(asText)).toBeUndefined();
    expect(meaningOf(asJson)).toBeUndefined();
  });
});
