import type { TokenCounter } from "./token-counter.ts";

export interface Comparison {
  /** How far our count is off, as a share of theirs: -0.05 where ours is 5 % lower. */
  deviation: number;
  /** Tokens by our count. */
  counted: number;
  /** Tokens by theirs. */
  expected: number;
}

/** A few hundred tokens each, so that what an engine adds by itself hardly shows. */
const texts = [
  `The harbour master kept two ledgers. One held the ships that came in, with their cargo, and their crew's names; the other
held the ships that were expected. On quiet evenings he compared the two, and walked down to the pier to look for lights. `.repeat(
    4,
  ),
  `async function retry(task, { attempts = 3, delay = 250 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await task(attempt);
    } catch (error) {
      if (attempt >= attempts) throw new Error(\`gave up after \${attempt}\`, { cause: error });
    }
    await sleep(delay * 2 ** attempt); // 500, 1000, 2000 ms
  }
}
`.repeat(3),
  "港口的管理員有兩本帳簿，一本記著已經進港的船，另一本記著還沒有到的船。Le café est à côté de l'église. Привет, мир! ".repeat(
    6,
  ),
];

/** Counts a few texts here and there. `ask` says how many tokens a text has, without any that begin or end it. */
export async function compareCounts(
  counter: TokenCounter,
  ask: (text: string) => Promise<number>,
): Promise<Comparison> {
  let counted = 0;
  let expected = 0;
  for (const text of texts) {
    counted += counter.count(text);
    expected += await ask(text);
  }
  return { deviation: expected > 0 ? counted / expected - 1 : 0, counted, expected };
}
