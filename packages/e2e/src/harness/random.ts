import { seededRandom } from "@pyworker/testing";

/** What a test draws from, the same for the same seed. */
export interface Draw {
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

export function createDraw(seed: number): Draw {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    pick: (items) => {
      const [item] = items.slice(below(items.length));
      if (item === undefined) {
        throw new Error("nothing to pick from");
      }
      return item;
    },
  };
}
