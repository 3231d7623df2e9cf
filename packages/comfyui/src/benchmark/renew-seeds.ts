import { randomSeed } from "../fields/random.ts";

const seedNames = new Set(["seed", "noise_seed", "rand_seed"]);

/** What ComfyUI's API wrapper, and this worker, replace with a number of their own. */
const placeholder = "__RANDOM_INT__";

/**
 * A copy with other seeds: of two requests that are the same, ComfyUI runs the first and answers the second from its
 * cache. A seed that is a link to another node, or `__RANDOM_INT__`, stays.
 */
export function renewSeeds<Value>(value: Value): Value;
export function renewSeeds(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => renewSeeds(item));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isSeed(name, item) ? randomSeed() : renewSeeds(item)]),
  );
}

/** Whether anything in it is drawn anew. */
export function hasSeed(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" && value.includes(placeholder);
  }
  return Object.entries(value).some(([name, item]) => isSeed(name, item) || hasSeed(item));
}

const isSeed = (name: string, value: unknown): boolean =>
  seedNames.has(name) && (typeof value === "number" || typeof value === "bigint");
