import { expect, test } from "@jest/globals";
import { execForm, readDockerfile, variablesOf } from "./read-dockerfile.ts";

test("reads stages, continued lines, and no comments", () => {
  const text = [
    "# a comment",
    "FROM a:1 AS first",
    "RUN one && \\",
    "# in between",
    "    two",
    "",
    "FROM b",
    'CMD ["x", "y"]',
  ].join("\n");
  expect(readDockerfile(text)).toEqual([
    { from: "a:1", name: "first", instructions: [{ word: "RUN", rest: "one &&     two" }] },
    { from: "b", name: undefined, instructions: [{ word: "CMD", rest: '["x", "y"]' }] },
  ]);
});

test("reads commands and variables", () => {
  expect(execForm('["node", "worker.ts"]')).toEqual(["node", "worker.ts"]);
  expect(() => execForm("[1]")).toThrow("not in exec form: [1]");
  expect(variablesOf("A=1     B=/x/y")).toEqual({ A: "1", B: "/x/y" });
});
