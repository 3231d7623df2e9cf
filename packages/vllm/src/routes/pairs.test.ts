import { describe, expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const query = "q".repeat(40);
const document = "d".repeat(400);
const asPython = { workload: { count: "max_tokens" } } as const;
const python = (characters: number): number => 500 * (characters / 4960);

describe("the price of reranking", () => {
  test.each<[name: string, documents: unknown, workload: number, characters: number]>([
    ["counts query and document", document, 0.25 * 110, 496],
    ["counts the query once for each document", Array(16).fill(document), 0.25 * 16 * 110, 16 * 440],
    ["counts the text in an object", Array(16).fill({ text: document }), 0.25 * 16 * 110, 16 * 290],
    ["counts a picture", [{ content: [{ type: "image_url" }, { type: "text", text: document }] }], 0.25 * 610, 496],
    ["counts token ids", Array(16).fill(Array(100).fill(1)), 0.25 * 16 * 110, 16 * 290],
  ])("%s", (_name, documents, workload, characters) => {
    expect(workloadOf("/v1/rerank", { query, documents })).toBe(Math.round(workload));
    expect(workloadOf("/v1/rerank", { query, documents }, asPython)).toBeCloseTo(python(characters));
  });
});

describe("the price of scoring", () => {
  test.each<[payload: object, pairs: number]>([
    [{ queries: query, documents: [document, document] }, 2],
    [{ queries: [query, query], documents: [document, document] }, 2],
    [{ queries: [query], items: [document] }, 1],
    [{ text_1: query, text_2: [document, document, document] }, 3],
    [{ data_1: query, data_2: document }, 1],
    [{ query, items: [document], label_token_ids: [1] }, 1],
    [{ input: { queries: query, documents: document } }, 1],
  ])("%j is for %d pairs", (payload, pairs) => {
    expect(workloadOf("/v1/score", payload)).toBe(Math.round(0.25 * 110 * pairs));
  });
});

describe("refused is", () => {
  test.each<[path: "/v1/rerank" | "/v1/score", payload: object, at: string[]]>([
    ["/v1/rerank", { query: 5, documents: ["x"] }, ["query"]],
    ["/v1/rerank", { query, documents: [] }, ["documents"]],
    ["/v1/rerank", { query, documents: ["x", 5] }, ["documents.1"]],
    ["/v1/rerank", {}, ["query", "documents"]],
    ["/v1/rerank", { input: { query } }, ["input.documents"]],
    ["/v1/score", { queries: 5, documents: ["x"] }, ["queries"]],
    ["/v1/score", { text_1: query }, ["documents"]],
    ["/v1/score", {}, ["queries", "documents"]],
  ])("%s %j", (path, payload, at) => {
    expect(faultsOf(path, payload).paths).toEqual(at);
  });
});

describe("a benchmark", () => {
  test.each(["/v1/rerank", "/v1/score"] as const)("of %s compares one query with 16 documents", async (path) => {
    const { payload, workload } = await benchmarkOf(path, asPython);
    expect(payload.documents).toHaveLength(16);
    expect(workload).toBe(500);
    expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 10, runs: 3 });
    expect((await benchmarkOf(path)).payload).not.toEqual(payload);
  });

  test("of SGLang's scores asks for the likelihood of tokens", async () => {
    const { payload } = await benchmarkOf("/v1/score", { engine: "sglang" });
    expect(Object.keys(payload).sort()).toEqual(["items", "label_token_ids", "model", "query"]);
  });
});
