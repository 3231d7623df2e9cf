import { expect, test } from "@jest/globals";
import { until } from "@pyworker/testing";
import { collectYoungGarbage } from "./collect-young-garbage.ts";

const megabyte = 1024 * 1024;
const held = (): number => process.memoryUsage().arrayBuffers;

test("frees buffers that nobody holds any more, and shows nobody else how", async () => {
  collectYoungGarbage();
  const before = held();
  // V8 may look by itself meanwhile.
  for (let count = 0; count < 1000 && held() < before + 16 * megabyte; count += 1) {
    Buffer.allocUnsafeSlow(megabyte);
  }
  expect(held()).toBeGreaterThanOrEqual(before + 16 * megabyte);
  collectYoungGarbage();
  // It does so by the side.
  await until(() => held() < before + 2 * megabyte, { what: () => `less than ${held() - before} bytes more` });
  expect(globalThis.gc).toBeUndefined();
});
