import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { get_encoding } from "tiktoken";
import { byteCharacters } from "./byte-characters.ts";
import { corpus } from "./corpus.test.fixture.ts";
import { createTokenCounter, type TokenCounterOptions } from "./token-counter.ts";

const tekkenTokens = 20_000;
const cl100k: { bpe_ranks: string; pat_str: string } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve("tiktoken/encoders/cl100k_base.json"), "utf8"),
);

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokens-"));
});

afterAll(() => rm(folder, { recursive: true }));

/** Writes a file below the folder, and says where. */
async function write(name: string, content: unknown): Promise<string> {
  files += 1;
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const load = (options: TokenCounterOptions) => createTokenCounter(options).load();

/** A model that knows bytes and two words, "he" and "hell". */
const small = {
  normalizer: null,
  added_tokens: [{ id: 900, content: "<|im_start|>" }],
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
  post_processor: {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "<s>" } }, { Sequence: { id: "A" } }],
  },
  model: {
    type: "BPE",
    byte_fallback: false,
    vocab: Object.fromEntries([...byteCharacters, "he", "ll", "hell"].map((token, id) => [token, id])),
    merges: ["h e", ["l", "l"], "he ll"],
  },
};

describe("by default", () => {
  test("counts by cl100k_base, and has no problem with it", async () => {
    const counter = createTokenCounter();
    expect(counter.tokenizer).toBeUndefined();
    const loaded = await counter.load();
    expect(loaded).toEqual({ name: "cl100k_base", isOwn: false, bosTokens: 0, template: expect.anything() });
    expect(counter.tokenizer).toBe(loaded);
  });

  test("so it does for a model that isn't found", async () => {
    const loaded = await load({ model: "org/unknown", hubFolders: [folder, join(folder, "nowhere")] });
    expect(loaded).toMatchObject({ name: "cl100k_base", isOwn: false });
    expect(loaded).not.toHaveProperty("problem");
  });
});

describe("the tokenizer option", () => {
  test("names an encoding", async () => {
    expect(await load({ tokenizer: "o200k_base" })).toMatchObject({ name: "o200k_base", isOwn: false });
  });

  test("or a quarter of the bytes", async () => {
    const counter = createTokenCounter({ tokenizer: "bytes" });
    expect(await counter.load()).toMatchObject({ name: "bytes", isOwn: false });
    expect(counter.count("12345678")).toBe(2);
  });

  test("or a file, or its folder", async () => {
    const file = await write("small/tokenizer.json", small);
    for (const tokenizer of [file, dirname(file)]) {
      const counter = createTokenCounter({ tokenizer });
      expect(await counter.load()).toMatchObject({
        name: file,
        isOwn: true,
        bosTokens: 1,
        template: { name: "chatml" },
      });
      expect(counter.count("hello he<|im_start|>")).toBe(5);
    }
  });

  test("or nothing that is there, which is a problem", async () => {
    expect((await load({ tokenizer: "/no/such/file" })).problem).toBe(
      "/no/such/file: neither an encoding (cl100k_base, o200k_base, p50k_base, r50k_base, gpt2) nor a tokenizer.json or tekken.json: using cl100k_base",
    );
  });
});

describe("the model option", () => {
  test("is looked up in the cache of Hugging Face's hub, the newest revision first", async () => {
    const hub = join(folder, "hub");
    await write("hub/models--org--name/refs/main", "abc\n");
    await write("hub/models--org--name/snapshots/aaa/tokenizer.json", "old");
    await write("hub/models--org--name/blobs/1234", small);
    await mkdir(join(hub, "models--org--name/snapshots/abc"));
    const file = join(hub, "models--org--name/snapshots/abc/tokenizer.json");
    await symlink("../../blobs/1234", file);
    expect(await load({ model: "org/name", hubFolders: [join(folder, "nowhere"), hub] })).toMatchObject({
      name: file,
      isOwn: true,
    });
  });

  test("or is a folder", async () => {
    const file = await write("local/tokenizer.json", small);
    await write("local/tokenizer_config.json", "{ broken");
    expect(await load({ model: dirname(file) })).toMatchObject({ name: file, isOwn: true });
  });

  test("leads nowhere outside the cache", async () => {
    await write("outside/tokenizer.json", small);
    expect(await load({ model: "../outside", hubFolders: [join(folder, "hub")] })).toMatchObject({ isOwn: false });
  });
});

describe("a file that can't be used", () => {
  const { model } = small;
  const split = (expression: string) => ({ type: "Split", pattern: { Regex: expression }, behavior: "Isolated" });
  const bytesOnly = { type: "ByteLevel", use_regex: false };
  const withoutByte = Object.fromEntries(Object.entries(model.vocab).filter(([token]) => token !== byteCharacters[7]));

  test.each([
    ["{ broken", /JSON/],
    ["null", /its model is unknown, not BPE/],
    [{ ...small, model: { ...model, type: "Unigram" } }, /its model is Unigram, not BPE/],
    [{ ...small, model: { ...model, byte_fallback: true } }, /SentencePiece \(byte_fallback\)/],
    [{ ...small, model: { ...model, continuing_subword_prefix: "##" } }, /prefix or suffix/],
    [{ ...small, model: { ...model, dropout: 0.1 } }, /dropout/],
    [{ ...small, model: { ...model, merges: ["h e", "he y"] } }, /a merge makes "hey", which is no token/],
    [{ ...small, model: { ...model, vocab: withoutByte } }, /no token for the byte 7/],
    [
      { ...small, model: { ...model, ignore_merges: true, vocab: { ...model.vocab, "▁the": 999 } } },
      /"▁the" is not made of bytes/,
    ],
    [{ ...small, normalizer: { type: "NFKC" } }, /the normalizer NFKC is not supported/],
    [{ ...small, pre_tokenizer: null }, /the pre-tokenizer of no type is not supported/],
    [{ ...small, pre_tokenizer: { type: "Metaspace" } }, /the pre-tokenizer Metaspace is not supported/],
    [{ ...small, pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } }, /add_prefix_space/],
    [
      { ...small, pre_tokenizer: { type: "Sequence", pretokenizers: [split("\\p{N}"), split("\\s"), bytesOnly] } },
      /2 patterns, not one/,
    ],
    [{ ...small, pre_tokenizer: { type: "Sequence", pretokenizers: [split("\\p{N}|\\P{N}+")] } }, /no byte-level/],
    [
      { ...small, pre_tokenizer: { type: "Sequence", pretokenizers: [split("(unclosed"), bytesOnly] } },
      /tiktoken doesn't take its pattern/,
    ],
    [
      { ...small, pre_tokenizer: { type: "Sequence", pretokenizers: [split("\\p{L}+"), bytesOnly] } },
      /its pattern leaves out parts of/,
    ],
  ])("number %# is a problem, and another encoding is used instead", async (content, reason) => {
    const file = await write(`faulty-${files}/tokenizer.json`, content);
    const { isOwn, name, problem = "" } = await load({ tokenizer: file });
    expect({ isOwn, name }).toEqual({ isOwn: false, name: "o200k_base" });
    expect(problem).toMatch(reason);
    expect(problem.startsWith(`${file}: `)).toBe(true);
    expect(problem.endsWith(": using o200k_base")).toBe(true);
  });

  test("still tells the chat template", async () => {
    const file = await write("gemma.json", {
      ...small,
      added_tokens: [{ content: "<start_of_turn>" }],
      model: { ...model, byte_fallback: true },
    });
    expect(await load({ tokenizer: file })).toMatchObject({ bosTokens: 1, template: { name: "gemma" } });
  });
});

describe("a tekken.json", () => {
  const tokens = unpack(cl100k.bpe_ranks).slice(0, tekkenTokens);
  const tekken = {
    config: { pattern: cl100k.pat_str, default_vocab_size: tekkenTokens + 10, default_num_special_tokens: 10 },
    // More than the model uses, as Mistral's files have it.
    vocab: [...tokens, ...unpack(cl100k.bpe_ranks).slice(tekkenTokens, tekkenTokens + 500)].map((bytes, rank) => ({
      rank,
      token_bytes: bytes,
      token_str: null,
    })),
  };

  test("counts as an encoding of the same tokens does", async () => {
    const file = await write("mistral/tekken.json", {
      ...tekken,
      config: { ...tekken.config, default_vocab_size: 100_266 },
      vocab: unpack(cl100k.bpe_ranks).map((bytes, rank) => ({ rank, token_bytes: bytes })),
    });
    const counter = createTokenCounter({ tokenizer: dirname(file), budgetMilliseconds: Number.POSITIVE_INFINITY });
    expect(await counter.load()).toMatchObject({
      name: file,
      isOwn: true,
      bosTokens: 1,
      template: { name: "mistral" },
    });
    const reference = get_encoding("cl100k_base");
    for (const text of Object.values(corpus)) {
      expect(counter.count(text)).toBe(reference.encode_ordinary(text).length);
    }
    reference.free();
  });

  test("leaves out the tokens beyond the model's vocabulary", async () => {
    const file = await write("part/tekken.json", tekken);
    const counter = createTokenCounter({ tokenizer: file });
    expect(await counter.load()).toMatchObject({ isOwn: true });
    const beyond = Buffer.from(tekken.vocab.at(-1)?.token_bytes ?? "", "base64").toString();
    expect(counter.count(beyond)).toBeGreaterThan(1);
  });

  test.each([
    [{ ...tekken, config: {} }, /its config lacks/],
    [{ ...tekken, vocab: tekken.vocab.slice(1) }, /no token for the byte 33/],
    [{ ...tekken, vocab: [...tekken.vocab.slice(0, 300), tekken.vocab[0]] }, /comes twice/],
    [{ ...tekken, vocab: [{ rank: 0, token_bytes: "not base64!" }] }, /is no token with a rank/],
    [{ ...tekken, vocab: [{ rank: -1, token_bytes: "AA==" }] }, /is no token with a rank/],
  ])("number %# that can't be used is a problem", async (content, reason) => {
    const file = await write(`faulty-${files}/tekken.json`, content);
    const { name, problem } = await load({ tokenizer: file });
    expect(name).toBe("o200k_base");
    expect(problem).toMatch(reason);
  });
});

/** The tokens of tiktoken's packed form, by rank: lines of `! first-rank token token …`. */
function unpack(packed: string): string[] {
  return packed.split("\n").flatMap((line) => line.split(" ").slice(2));
}
