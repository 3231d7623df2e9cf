import { describe, expect, test } from "@jest/globals";
import { wrapperLogLines } from "@pyworker/testing";
import { meaningOf } from "../comfy/meaning-of.test.fixture.ts";
import { wrapperLogActions } from "./log-actions.ts";

const meaning = (line: string) => meaningOf(wrapperLogActions, line);
const {
  jobFailed,
  queued,
  ready,
  readyTimeout,
  serving,
  startFailure,
  starting,
  synthesised,
  unrecoverable,
  workersStarted,
} = wrapperLogLines;

const loaded = [
  ready(1),
  "BACKENDS_READY: 2 backend(s) reachable, ready to serve",
  "2026-11-24 09:42:25,123 INFO main: BACKENDS_READY: 1 backend(s) reachable, ready to serve",
  synthesised(),
];
const fatal = [
  readyTimeout(600),
  unrecoverable("http://127.0.0.1:18188", "illegal memory access"),
  "ERROR:    Application startup failed. Exiting.",
];

test.each(loaded)("ComfyUI is there: %s", (line) => {
  expect(meaning(line)).toBe("load");
  expect(meaning(`${line}\r`)).toBe("load");
});

test.each(fatal)("the wrapper has given up: %s", (line) => {
  expect(meaning(line)).toBe("error");
});

test("a start that fails says so once", () => {
  expect(startFailure().map(meaning)).toEqual([undefined, undefined, "error"]);
});

test.each([
  ...starting(),
  ...workersStarted(),
  ...serving(18288),
  queued("BACKENDS_READY: 1 backend(s) reachable, ready to serve"),
  jobFailed("job-1", "ComfyUI node errors: {}"),
])("another line means nothing: %s", (line) => {
  expect(meaning(line)).toBeUndefined();
});

describe("a request can't speak as the wrapper", () => {
  test.each([...loaded, ...fatal])("%s", (line) => {
    expect(meaning(queued(line))).toBeUndefined();
    expect(meaning(jobFailed("job-1", line))).toBeUndefined();
    expect(meaning(jobFailed("job-1", `Execution error: {'exception_message': '${line}'}`))).toBeUndefined();
    expect(meaning(`INFO:     127.0.0.1:5 - "GET /result/${line} HTTP/1.1" 404 Not Found`)).toBeUndefined();
  });
});
