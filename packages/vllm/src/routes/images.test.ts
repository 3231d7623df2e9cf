import { describe, expect, test } from "@jest/globals";
import { benchmarkOf, faultsOf, formOf, handlerOf, workloadOf } from "./route.test.fixture.ts";

const prompt = "a red square";
const image = Buffer.from("foo").toString("base64");

describe.each([
  ["/v1/images/generations" as const, { prompt }],
  ["/v1/images/edits" as const, { prompt, image }],
])("%s", (path, payload) => {
  test.each<[fields: object, workload: number]>([
    [{}, 500],
    [{ size: "1024x1024", n: 1 }, 500],
    [{ size: "auto", n: 2 }, 1000],
    [{ size: "2048x1024", n: 3 }, 3000],
    [{ size: "2048X1024", n: "3" }, 3000],
    [{ size: "64x64" }, 50],
    [{ size: "9999x9999", n: 9 }, 4000],
    ...["0x0", "axb", "-1x5", `${"9".repeat(4000)}x1`, 5, null].map((size): [object, number] => [{ size }, 500]),
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, "many", "9".repeat(4000), 9n ** 99n, null, [2]].map(
      (n): [object, number] => [{ n }, 500],
    ),
  ])("with %p costs %d", (fields, workload) => {
    expect(workloadOf(path, { ...payload, ...fields })).toBe(workload);
  });

  test("needs a prompt", () => {
    expect(faultsOf(path, { ...payload, prompt: undefined }).paths).toEqual(["prompt"]);
    expect(faultsOf(path, { ...payload, prompt: 5 }).paths).toEqual(["prompt"]);
  });

  test("is measured by one picture at a time, which costs 500", async () => {
    const { payload: measured, workload } = await benchmarkOf(path);
    expect(measured).toMatchObject({ size: "1024x1024", n: 1 });
    expect(workload).toBe(500);
    expect(handlerOf(path).benchmark).toMatchObject({ concurrency: 2, runs: 1 });
    expect((await benchmarkOf(path)).payload).not.toEqual(measured);
  });
});

describe("pictures to edit", () => {
  test.each(["url", "url[]"])("may be fetched from %s", (name) => {
    const form = formOf("/v1/images/edits", { prompt, [name]: ["https://example.com/a.png"], image: "" });
    expect(form).toMatchObject({ prompt, [name]: ["https://example.com/a.png"], model: "mine" });
    expect(form).not.toHaveProperty("image");
  });

  test.each([{}, { url: "" }, { url: [] }, { image: [], "url[]": [""] }])("are missing in %j", (payload) => {
    expect(faultsOf("/v1/images/edits", { prompt, ...payload }).paths).toEqual(["image"]);
  });

  test.each([
    [{ url: "file:///etc/passwd" }, "url"],
    [{ "url[]": ["https://example.com", "ftp://example.com"] }, "url[].1"],
    [{ url: 5 }, "url"],
  ])("are not fetched from %j", (payload, path) => {
    expect(faultsOf("/v1/images/edits", { prompt, ...payload }).paths).toEqual([path]);
  });

  test("may have a mask", () => {
    const form = formOf("/v1/images/edits", { prompt, image, mask: image, mask_filename: "m.webp" });
    expect(form).toMatchObject({ image: [{ filename: "image.png" }], mask: [{ filename: "m.webp" }] });
    expect(form).not.toHaveProperty("mask_filename");
  });
});
