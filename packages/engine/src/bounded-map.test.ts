import { expect, test } from "@jest/globals";
import { BoundedMap } from "./bounded-map.ts";

test("forgets what was set longest ago", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
  expect([...map]).toEqual([
    ["a", 3],
    ["c", 4],
  ]);
  expect(map.isFull).toBe(true);
});
