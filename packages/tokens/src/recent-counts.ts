import { hash } from "node:crypto";

const mostRemembered = 1000;
/** Shorter texts are counted as fast as they are looked up, longer ones take too long to hash. */
const shortestRemembered = 512;
const longestRemembered = 256 * 1024;

/** Counts of the texts that came last, a system prompt's for example. Keeps hashes, not texts. */
export class RecentCounts {
  readonly #counts = new Map<string, number>();

  /** What a text is remembered by; undefined for one that isn't worth it. */
  keyOf(text: string): string | undefined {
    return text.length >= shortestRemembered && text.length <= longestRemembered ? hash("sha1", text) : undefined;
  }

  get(key: string): number | undefined {
    const count = this.#counts.get(key);
    if (count !== undefined) {
      this.set(key, count);
    }
    return count;
  }

  set(key: string, count: number): void {
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > mostRemembered) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
  }
}
