import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { aceFields } from "@pyworker/ace";
import { requestFields } from "@pyworker/comfyui";
import { parseJson } from "@pyworker/core";
import { until } from "@pyworker/testing";
import { wanFields } from "@pyworker/wan";
import { asShown, readBody } from "./as-shown.ts";
import { readExchanges, type ShownAnswer, type ShownExchange } from "./http-blocks.ts";
import { type PageWorld, startPageWorld, webhookUrl } from "./page-world.ts";
import { root } from "./pages.ts";

const path = "docs/comfyui.md";
const startMilliseconds = 120_000;
const patience = 30_000;
/** Signs what the page's webhook is told. */
const webhookSecret = "my-webhook-secret";

const exchanges = readExchanges(path).map((exchange) => ({ ...exchange, at: `${path}:${exchange.line}` }));

describe("each example", () => {
  let world: PageWorld;
  let calls = 0;

  beforeAll(async () => {
    world = await startPageWorld();
  }, startMilliseconds);

  afterAll(() => world.stop(), startMilliseconds);

  const toWorkers = exchanges.filter(({ url }) => !url.startsWith(webhookUrl));

  test.each(exchanges)(
    "$at: $method $url",
    async (exchange) => {
      if (!toWorkers.includes(exchange)) {
        await expectCall(exchange);
        return;
      }
      let received = await send(world, exchange);
      const shown = { ...exchange.answer, body: readBody(exchange.answer.body) };
      // A job takes its time: who asks about it asks again.
      if (exchange.method === "GET") {
        const isAsShown = async () => {
          received = await send(world, exchange);
          return isDeepStrictEqual(received, shown);
        };
        await until(isAsShown, { timeoutMs: patience / 3 }).catch(() => undefined);
      }
      expect(received).toEqual(shown);
    },
    patience,
  );

  /** A worker calls the webhook as the page shows it. */
  async function expectCall({ answer, body, headers, method, url }: ShownExchange): Promise<void> {
    const call = await until(() => world.received[calls], { what: () => `a call of ${url}` });
    calls += 1;
    expect(answer).toEqual({ status: 200, headers: {}, body: "" });
    const shown = { method, url, headers, body: readBody(body) };
    const received = {
      method: call.method,
      url: webhookUrl + call.url,
      headers: headersLike(headers, (name) => call.headers[name]),
      body: asShown(shown.body, parseJson(world.toPage(call.body.toString()))),
    };
    expect(received).toEqual(shown);
    const signature = createHmac("sha256", webhookSecret).update(call.body).digest("hex");
    expect(call.headers["x-webhook-signature"]).toBe(`sha256=${signature}`);
  }
});

/** Sends a request as it stands; what is answered, with `…` where the page has it. */
async function send(world: PageWorld, { answer, body, headers, method, url }: ShownExchange) {
  const isForm = headers["content-type"]?.startsWith("multipart/form-data");
  const text = world.toHere(isForm ? `${body}\n`.replaceAll("\n", "\r\n") : body);
  const response = await fetch(world.toHere(url), {
    method,
    headers: { ...(text !== "" && { "content-type": "application/json" }), ...headers },
    ...(text !== "" && { body: text }),
  });
  return received(world, answer, response);
}

async function received(world: PageWorld, answer: ShownAnswer, response: Response) {
  const bytes = Buffer.from(await response.arrayBuffer());
  const shown = readBody(answer.body);
  return {
    status: response.status,
    headers: headersLike(answer.headers, (name) => response.headers.get(name) ?? undefined),
    body: asShown(shown, shown === "…" ? bytes : readBody(world.toPage(bytes.toString()))),
  };
}

/** The headers that are shown, as they came. */
const headersLike = (shown: ShownAnswer["headers"], find: (name: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, asShown(value, find(name))]));

/** All that the page sends to a worker as JSON, or in a form's field. */
const inputsTo = (worker: string): string[] =>
  exchanges
    .filter(({ url }) => url.startsWith(`http://${worker}/`))
    .flatMap(({ body }) => {
      const text = /name="input"\s+(\{.*?\})\s+--/s.exec(body)?.[1] ?? body;
      const input: unknown = text.startsWith("{") ? parseJson(text) : {};
      const payload = isRecord(input) && isRecord(input.payload) ? input.payload : input;
      return isRecord(payload) ? Object.keys(isRecord(payload.input) ? payload.input : payload) : [];
    });

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

test.each([
  { worker: "comfyui", fields: Object.keys(requestFields) },
  { worker: "wan", fields: wanFields },
  { worker: "ace", fields: aceFields },
])("a request to $worker shows each of its fields", ({ fields, worker }) => {
  const shown = inputsTo(worker);
  expect(fields.filter((field) => !shown.includes(field))).toEqual([]);
});

/** The routes in the code: `route: "/generate"`, `path: "/view"`. */
const routes = ["create-handlers.ts", "routes/job-controls.ts"].flatMap((file) => {
  const code = readFileSync(`${root}packages/comfyui/src/${file}`, "utf8");
  return [...code.matchAll(/\b(?:route|path): "([^"]+)"/g)].map(([, route = ""]) => route);
});

test("each route has an example", () => {
  expect(routes).toContain("/generate/sync");
  const paths = exchanges.map(({ url }) => new URL(url).pathname);
  const isShown = (route: string) =>
    paths.some((shown) => new RegExp(`^${route.replace(/\{\w+\}/g, "[^/]+")}$`).test(shown));
  expect(routes.filter((route) => !isShown(route))).toEqual([]);
});
