import { expect, test } from "@jest/globals";
import { asShown, readBody } from "./as-shown.ts";

test("what may be anything is taken as shown, and all else stays what it is", () => {
  const shown = { id: "…", file: "cat_…_.png", count: 2, list: ["…", "b"], missing: "…" };
  const received = { id: 7, file: "cat_00001_.png", count: 3, list: ["x", "c", "d"], more: true };
  expect(asShown(shown, received)).toEqual({
    id: "…",
    file: "cat_…_.png",
    count: 3,
    list: ["…", "c", "d"],
    more: true,
  });
  expect(asShown({ file: "cat_…_.png" }, { file: "dog_00001_.png" })).toEqual({ file: "dog_00001_.png" });
  expect(asShown("…", undefined)).toBeUndefined();
  expect(asShown({ "…": 1, b: 2 }, { a: 1, b: 3 })).toEqual({ "…": 1, b: 3 });
});

test("integers beyond 2^53 are compared to the last digit", () => {
  expect(readBody('{"seed": 18446744073709551615}')).toEqual({ seed: 18446744073709551615n });
});

test("a stream is a list of its events", () => {
  expect(readBody('data: {"a":1}\n\n: keep-alive\n\ndata: {"b":2}\n\n')).toEqual([{ a: 1 }, { b: 2 }]);
});
