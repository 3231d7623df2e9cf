import { expect, test } from "@jest/globals";
import { RecentCounts } from "./recent-counts.ts";

test("remembers texts worth it, and forgets the one unused for longest", () => {
  const recent = new RecentCounts();
  expect(recent.keyOf("short")).toBeUndefined();
  expect(recent.keyOf("x".repeat(300_000))).toBeUndefined();
  const key = recent.keyOf("x".repeat(600)) ?? "";
  recent.set(key, 75);
  recent.set("second", 2);
  for (let index = 0; index < 998; index += 1) {
    recent.set(`filler ${index}`, index);
  }
  expect(recent.get(key)).toBe(75);
  recent.set("one more", 1);
  expect(recent.get("second")).toBeUndefined();
  expect(recent.get(key)).toBe(75);
});
