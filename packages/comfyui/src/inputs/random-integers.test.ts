import { describe, expect, test } from "@jest/globals";
import { randomIntegers } from "./random-integers.ts";

const workflow = (inputs: Record<string, unknown>) => ({ "3": { class_type: "KSampler", inputs } });

/** Draws 1, 2, 3 … */
const counting = () => {
  let drawn = 0;
  return () => {
    drawn += 1;
    return drawn;
  };
};

describe("random integers", () => {
  test("take the place of a mark, each input its own", () => {
    const given = workflow({ seed: "__RANDOM_INT__", noise_seed: "__RANDOM_INT__", steps: 20 });
    expect(randomIntegers(given, counting())).toEqual(workflow({ seed: 1, noise_seed: 2, steps: 20 }));
  });

  test("become text within a text, the same for all of it", () => {
    const given = workflow({ prefix: "a__RANDOM_INT__/b__RANDOM_INT__", other: " __RANDOM_INT__" });
    expect(randomIntegers(given, counting())).toEqual(workflow({ prefix: "a1/b1", other: " 2" }));
  });

  test("are found however deep they are, and links stay as they are", () => {
    const given = workflow({ list: [{ seed: "__RANDOM_INT__" }], model: ["__RANDOM_INT__", 0] });
    expect(randomIntegers(given, counting())).toEqual(workflow({ list: [{ seed: 1 }], model: ["__RANDOM_INT__", 0] }));
  });

  test("leave the workflow they are given as it was", () => {
    const given = workflow({ seed: "__RANDOM_INT__" });
    randomIntegers(given, counting());
    expect(given).toEqual(workflow({ seed: "__RANDOM_INT__" }));
  });

  test("fill 32 bits", () => {
    const marks = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [index, "__RANDOM_INT__"]));
    const drawn = Object.values(randomIntegers(workflow(marks))["3"]?.inputs ?? {}).map(Number);
    expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)).toBe(true);
    expect(Math.max(...drawn)).toBeGreaterThan(2 ** 31);
  });
});
