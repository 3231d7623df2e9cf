import { beforeAll, describe, expect, test } from "@jest/globals";
import { get_encoding } from "tiktoken";
import { estimateTokens } from "./estimate-tokens.ts";
import { createTokenCounter } from "./token-counter.ts";

const prose = "The quick brown fox jumps over the lazy dog, and says: “naïve café”. ".repeat(40);
const code =
  'export function add(a: number, b: number): number {\n  // Sum.\n  return a + b;\n}\n\nconst names = ["x", "y"];\n';
const tiktoken = get_encoding("cl100k_base");
const counter = createTokenCounter({ budgetMilliseconds: Number.POSITIVE_INFINITY });

beforeAll(() => counter.load());

describe("count", () => {
  test.each([
    ["a short text", "hello world"],
    ["prose", prose],
    ["code", code.repeat(40)],
    ["Chinese", "他说：“今天天气很好，我们去公园散步吧。”于是大家都出门了。".repeat(40)],
    ["digits", "3141592653589793".repeat(100)],
    ["white space", " \n\t  \n".repeat(300)],
    ["emoji", "😀🎉é".repeat(200)],
  ])("counts %s as tiktoken does, within 1 %%", (_name, text) => {
    const exact = tiktoken.encode_ordinary(text).length;
    expect(Math.abs(counter.count(text) - exact)).toBeLessThanOrEqual(exact / 100);
  });

  test.each(["a <|endoftext|> b", "\ud800", "x\udc00\ud800y", "\0".repeat(2000), "\ufffe\uffff"])(
    "takes %j",
    (text) => {
      expect(counter.count(text)).toBeGreaterThan(0);
    },
  );

  test("counts nothing in the empty text", () => {
    expect(counter.count("")).toBe(0);
  });

  test("counts a text that comes again as it did before", () => {
    expect(counter.count(prose)).toBe(counter.count(prose));
  });

  test("extrapolates beyond its budget, and beyond its most characters", async () => {
    const text = "word ".repeat(100_000);
    const exact = tiktoken.encode_ordinary("word ".repeat(1000)).length * 100;
    for (const limit of [{ budgetMilliseconds: 5, now: everyCallTakes(1) }, { mostCharacters: 10_000 }]) {
      const limited = createTokenCounter(limit);
      await limited.load();
      expect(Math.abs(limited.count(text) - exact) / exact).toBeLessThan(0.02);
    }
  });

  test("comes near what a text has when only a part is counted, though its parts are unlike", async () => {
    const text = `${"An English sentence of some length, with 42 in it. ".repeat(4000)}${"港口的管理员有两本账簿，".repeat(8000)}`;
    const limited = createTokenCounter({ mostCharacters: 30_000 });
    await limited.load();
    expect(Math.abs(limited.count(text) / counter.count(text) - 1)).toBeLessThan(0.05);
  });

  test("counts special tokens in a text as such, and what only looks like them as text", () => {
    expect(counter.count("<|endoftext|>".repeat(700))).toBe(700);
    expect(counter.count("a <|endoftext|> b")).toBe(counter.count("a ") + 1 + counter.count(" b"));
    expect(counter.count("<|endoftex|>")).toBe(tiktoken.encode_ordinary("<|endoftex|>").length);
  });

  test("estimates until the encoder is loaded", () => {
    expect(createTokenCounter().count("12345678")).toBe(2);
    expect(estimateTokens("中文")).toBe(2);
  });
});

describe("countChat", () => {
  test("adds the template's tokens, and a guess for each image, to those of the texts", () => {
    const tool = { type: "function", function: { name: "weather", parameters: {} } };
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    const messages = [
      { role: "system", content: "Be kind." },
      { role: "user", content: [{ type: "text", text: "What is this?" }, image] },
    ];
    const texts = counter.count("Be kind.") + counter.count("What is this?") + counter.count(JSON.stringify(tool));
    expect(counter.countChat({ messages, tools: [tool] })).toBe(texts + 5 * 2 + 5 + 100 + 500);
  });
});

describe("start", () => {
  test("counts several texts in steps, and comes to the same sum", async () => {
    const stepping = createTokenCounter({ now: everyCallTakes(1) });
    await stepping.load();
    const count = stepping.start([prose, code.repeat(40), prose]);
    let steps = 1;
    while (!count.advance(3)) {
      steps += 1;
    }
    expect(steps).toBeGreaterThan(3);
    expect(count.tokens).toBe(counter.count(prose) * 2 + counter.count(code.repeat(40)));
    expect(count.advance(3)).toBe(true);
  });

  test("knows a text that was counted lately without counting it", async () => {
    const stepping = createTokenCounter({ now: everyCallTakes(1) });
    await stepping.load();
    const first = stepping.start([prose]);
    first.advance(1000);
    const second = stepping.start([prose]);
    second.advance(2);
    expect(second.tokens).toBe(first.tokens);
  });

  test("makes no progress without time, and has an estimate nonetheless", async () => {
    const count = counter.start(["12345678"]);
    expect(count.advance(0)).toBe(false);
    expect(count.tokens).toBe(2);
  });
});

/** A clock that moves whenever it is looked at. */
function everyCallTakes(milliseconds: number): () => number {
  let time = 0;
  return () => {
    time += milliseconds;
    return time;
  };
}
