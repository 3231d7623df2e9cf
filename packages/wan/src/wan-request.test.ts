import { describe, expect, test } from "@jest/globals";
import { createWanSchema, defaultWanLimits, wanFields } from "./wan-request.ts";

const schema = createWanSchema();
const parse = (fields: Record<string, unknown>) => schema.parse({ prompt: "a lake", ...fields });

/** What is wrong with a request, by field. */
function faults(request: Record<string, unknown>): Record<string, string> {
  const issues = schema.safeParse({ prompt: "a lake", ...request }).error?.issues ?? [];
  return Object.fromEntries(issues.map(({ message, path }) => [path.join("."), message]));
}

test("fills in what Vast's workflow has", () => {
  expect(parse({ negative_prompt: "dull", seed: 5 })).toEqual({
    prompt: "a lake",
    negativePrompt: "dull",
    width: 640,
    height: 640,
    frames: 81,
    fps: 16,
    steps: 20,
    cfg: 3.5,
    seed: 5,
    loras: [],
    variant: "20-step",
  });
});

test("fills in what the LoRAs for few steps need, unless told otherwise", () => {
  expect(parse({ variant: "4-step" })).toMatchObject({ steps: 4, cfg: 1, variant: "4-step" });
  expect(parse({ variant: "4-step", steps: 6, cfg: 1.5 })).toMatchObject({ steps: 6, cfg: 1.5 });
});

test("takes null for what isn't set", () => {
  const nulls = Object.fromEntries(wanFields.filter((name) => name !== "prompt").map((name) => [name, null]));
  expect(parse({ ...nulls, seed: 1 })).toEqual(parse({ seed: 1 }));
});

test("draws a seed where none is given", () => {
  expect(parse({}).seed).not.toBe(parse({}).seed);
});

test.each([
  [42, 42],
  ["18446744073709551615", 18_446_744_073_709_551_615n],
  [2n ** 60n, 2n ** 60n],
])("keeps the seed %p exact", (seed, expected) => {
  expect(parse({ seed }).seed).toBe(expected);
});

test("counts the frames of a time", () => {
  expect(parse({ seconds: 5 }).frames).toBe(81);
  expect(parse({ seconds: 2.1 }).frames).toBe(33);
  expect(parse({ seconds: 5, fps: 24 }).frames).toBe(121);
  expect(parse({ seconds: 0.01 }).frames).toBe(1);
  expect(parse({ seconds: 7.5 }).frames).toBe(121);
});

test.each([
  [{ width: 832, height: 480 }],
  [{ width: 480, height: 832 }],
  [{ width: 1280, height: 720 }],
  [{ width: 720, height: 1280 }],
  [{ width: 1280, height: 704, frames: 121, steps: 50 }],
  [{ frames: 1, steps: 2, cfg: 0 }],
])("takes %j", (fields) => {
  expect(parse(fields)).toMatchObject(fields);
});

describe("names what would do", () => {
  test.each([
    [{ width: 641 }, { width: expect.stringContaining("use 640 or 656") }],
    [{ width: 0 }, { width: expect.stringContaining("use 16") }],
    [{ width: 2000 }, { width: expect.stringContaining("use 1280") }],
    [{ height: 719 }, { height: expect.stringContaining("use 720 or 704") }],
    [{ frames: 80 }, { frames: expect.stringContaining("use 81 or 77") }],
    [{ frames: 125 }, { frames: expect.stringContaining("use 121") }],
    [{ steps: 51 }, { steps: expect.stringContaining("use 50") }],
    [{ steps: 1 }, { steps: expect.stringContaining("use 2") }],
    [{ fps: 16.5 }, { fps: expect.stringMatching(/use 1[67] or 1[67]/) }],
    [{ width: 1280, height: 736 }, { height: "1280 x 736 is more than 921600 pixels: use a height of at most 720" }],
    [{ seconds: 8 }, { seconds: "at 16 frames a second a video has at most 121 frames: use 7.5" }],
    [
      { width: 641, frames: 80 },
      { width: expect.any(String), frames: expect.any(String) },
    ],
  ])("for %j", (fields, expected) => {
    expect(faults(fields)).toEqual(expected);
  });
});

test.each([
  [{ prompt: " " }, "prompt"],
  [{ prompt: undefined }, "prompt"],
  [{ width: "640" }, "width"],
  [{ cfg: 101 }, "cfg"],
  [{ seed: -1 }, "seed"],
  [{ seconds: 0 }, "seconds"],
  [{ seconds: 5, frames: 81 }, "seconds"],
  [{ variant: "8-step" }, "variant"],
  [{ loras: [{}] }, "loras.0"],
  [{ loras: [{ name: "a", high: "b" }] }, "loras.0"],
  [{ loras: [{ name: "" }] }, "loras.0.name"],
  [{ loras: [{ name: "a", strength: 101 }] }, "loras.0.strength"],
  [{ loras: Array.from({ length: 9 }, () => ({ name: "a" })) }, "loras"],
])("refuses %j", (fields, path) => {
  expect(Object.keys(faults(fields))).toEqual([path]);
});

test("refuses what it doesn't know by name", () => {
  expect(faults({ widht: 640 })[""]).toMatch(/^unknown "widht"; known: prompt, .*width, height/);
  expect(faults({ loras: [{ name: "a", weight: 1 }] })["loras.0"]).toBe(
    'unknown "weight"; known: name, high, low, strength',
  );
});

test("takes a LoRA for one model or for both", () => {
  expect(parse({ loras: [{ name: "a" }, { high: "b", strength: 0.5 }, { high: "c", low: "d" }] }).loras).toEqual([
    { high: "a", low: "a", strength: 1 },
    { high: "b", low: undefined, strength: 0.5 },
    { high: "c", low: "d", strength: 1 },
  ]);
});

test("lets an endpoint allow more, or less", () => {
  const wide = createWanSchema({ ...defaultWanLimits, side: 1920, pixels: 1920 * 1088, frames: 241 });
  expect(wide.parse({ prompt: "a lake", width: 1920, height: 1088, seconds: 15 })).toMatchObject({ frames: 241 });
  const short = createWanSchema({ ...defaultWanLimits, steps: 20 });
  expect(short.safeParse({ prompt: "a lake", steps: 30 }).error?.issues[0]?.message).toMatch("use 20");
});
