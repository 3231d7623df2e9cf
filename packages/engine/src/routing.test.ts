import { beforeEach, expect, test } from "@jest/globals";
import { createKeys } from "./keys.ts";
import { makeStatus } from "./make-status.test.fixture.ts";
import { Registry } from "./registry.ts";
import { Router } from "./routing.ts";

const keys = createKeys();
let router: Router;

beforeEach(() => {
  const registry = new Registry(() => 1000);
  registry.record(makeStatus());
  router = new Router({ registry, keys, form: "full" });
});

const route = (requestIdx?: number) =>
  router.route({ endpoint: "local", cost: 10, ...(requestIdx === undefined ? {} : { requestIdx }) });

test("numbers requests and routes, and signs in the form it is told to", () => {
  const [first, second] = [route(), route()];
  expect(first).toMatchObject({ cost: "10", endpoint: "local", url: "http://127.0.0.1:4000" });
  expect(second?.request_idx).toBe((first?.request_idx ?? 0) + 1);
  expect(second?.reqnum).toBe((first?.reqnum ?? 0) + 1);
  expect(second?.signature).toBe(second && keys.sign({ ...second }, "full"));
});

test("lets a request end once for each time it was routed", () => {
  route(77);
  route(77);
  expect([router.end(77), router.end(77), router.end(77)]).toEqual(["known", "known", "again"]);
});

test("knows a request that it never routed, save for those that no engine routes", () => {
  expect(router.end(78)).toBe("unknown");
  expect([router.end(0), router.end(1)]).toEqual(["known", "known"]);
});
