import { describe, expect, test } from "@jest/globals";
import { mapInLanes } from "./map-in-lanes.ts";

const { signal: never } = new AbortController();

describe("mapped in lanes", () => {
  test("works on all items, and on no more at once than allowed", async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    const work = async (item: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      done.push(item);
      return 10 * item;
    };
    const made = await mapInLanes([1, 2, 3, 4, 5, 6, 7], { lanes: 3, signal: never, work });
    expect(made).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test("aborts the others when one fails, begins no more, and rejects with that failure", async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    const work = async (item: number, signal: AbortSignal) => {
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
    };
    const working = mapInLanes([1, 2, 3, 4], { lanes: 2, signal: never, work });
    await expect(working).rejects.toThrow("two");
    expect({ begun, aborted }).toEqual({ begun: [1, 2], aborted: [1] });
  });

  test("begins nothing when its signal is aborted", async () => {
    const work = async () => {
      throw new Error("begun");
    };
    const working = mapInLanes([1], { lanes: 1, signal: AbortSignal.abort(new Error("gone")), work });
    await expect(working).rejects.toThrow("gone");
  });
});
