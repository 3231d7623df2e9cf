import { describe, expect, test } from "@jest/globals";
import { forEachLimited } from "./for-each-limited.ts";

describe("for each, limited", () => {
  test("works on all items, and on no more at once than allowed", async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await forEachLimited([1, 2, 3, 4, 5, 6, 7], { limit: 3 }, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test("aborts the others when one fails, begins no more, and rejects with that failure", async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    const working = forEachLimited([1, 2, 3, 4], { limit: 2 }, async (item, signal) => {
      begun.push(item);
      if (item === 2) {
        throw new Error("two");
      }
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          aborted.push(item);
          reject(new Error("aborted"));
        });
      });
    });
    await expect(working).rejects.toThrow("two");
    expect({ begun, aborted }).toEqual({ begun: [1, 2], aborted: [1] });
  });

  test("begins nothing when its signal is aborted", async () => {
    const working = forEachLimited([1], { limit: 1, signal: AbortSignal.abort(new Error("gone")) }, async () => {
      throw new Error("begun");
    });
    await expect(working).rejects.toThrow("gone");
  });
});
