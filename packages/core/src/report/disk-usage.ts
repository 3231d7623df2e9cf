import { statfs } from "node:fs/promises";

const gibibyte = 2 ** 30;

/** GiB used on `/`. */
export async function usedDisk(): Promise<number> {
  const { blocks, bfree, bsize } = await statfs("/");
  return ((blocks - bfree) * bsize) / gibibyte;
}
