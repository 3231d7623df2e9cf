import { randomInt } from "node:crypto";

/** A seed that every node takes: some stop at 32 bits. */
export const randomSeed = (): number => randomInt(2 ** 32);

/** One of them, at random. */
export const drawFrom = <Item>(items: readonly [Item, ...Item[]]): Item => items[randomInt(items.length)] ?? items[0];
