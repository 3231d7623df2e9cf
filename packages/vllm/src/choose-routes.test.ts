import { describe, expect, test } from "@jest/globals";
import { chooseRoutes } from "./choose-routes.ts";
import { routes } from "./routes/index.ts";

test("the text routes are served where nobody says otherwise, and the measured one", () => {
  expect(chooseRoutes({})).toEqual({
    served: ["/v1/completions", "/v1/chat/completions"],
    measured: "/v1/completions",
    unknown: [],
    problems: [],
  });
  expect(chooseRoutes({ benchmarkRoute: "/v1/embeddings" })).toEqual({
    served: ["/v1/completions", "/v1/chat/completions", "/v1/embeddings"],
    measured: "/v1/embeddings",
    unknown: [],
    problems: [],
  });
});

test("those that are asked for are served, each once", () => {
  const asked = ["/v1/rerank", "/v1/score", "/v1/rerank"];
  expect(chooseRoutes({ routes: asked, benchmarkRoute: "/v1/score" })).toEqual({
    served: ["/v1/rerank", "/v1/score"],
    measured: "/v1/score",
    unknown: [],
    problems: [],
  });
});

test("those that there are not are told, and no problem", () => {
  expect(chooseRoutes({ routes: ["/v1/completions", "/v1/nothing", "toString"] })).toEqual({
    served: ["/v1/completions"],
    measured: "/v1/completions",
    unknown: ["/v1/nothing", "toString"],
    problems: [],
  });
});

describe("a problem is", () => {
  test("a benchmark of no route", () => {
    expect(chooseRoutes({ benchmarkRoute: "/v1/nothing" }).problems).toEqual([
      { name: "BENCHMARK_ROUTE", expected: `one of ${Object.keys(routes).join(", ")}`, found: '"/v1/nothing"' },
    ]);
  });

  test("a benchmark of a route that is not served, and those that are", () => {
    expect(chooseRoutes({ routes: ["/v1/rerank", "/v1/score"] }).problems).toEqual([
      {
        name: "BENCHMARK_ROUTE",
        expected: "one of the routes that are served: /v1/rerank, /v1/score",
        found: '"/v1/completions"',
      },
    ]);
    expect(chooseRoutes({ routes: [] }).problems).toMatchObject([{ expected: expect.stringMatching(/: none$/) }]);
  });
});
