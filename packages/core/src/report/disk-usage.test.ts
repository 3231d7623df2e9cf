import { statfs } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { usedDisk } from "./disk-usage.ts";

test("tells GiB used, of what the disk holds", async () => {
  const { blocks, bsize } = await statfs("/");
  const used = await usedDisk();
  expect(used).toBeGreaterThan(0);
  expect(used).toBeLessThanOrEqual((blocks * bsize) / 2 ** 30);
});
