import { type ChatPrompt, chatParts } from "./chat-parts.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { type LoadedTokenizer, loadTokenizer, type Tokenizer } from "./load-tokenizer.ts";
import { RecentCounts } from "./recent-counts.ts";
import { createTokenCount, type TokenCount } from "./token-count.ts";

export interface TokenCounterOptions {
  /** An encoding's name, the path of a tokenizer.json, a tekken.json or their folder, or "bytes". Default: what `model` leads to. */
  tokenizer?: string | undefined;
  /** The served model: its folder, or its name on Hugging Face. Default cl100k_base, as for a model that isn't found. */
  model?: string | undefined;
  /** Where Hugging Face's hub keeps models on this machine. Default none. */
  hubFolders?: readonly string[] | undefined;
  /** Characters of one count that are counted; the rest is extrapolated. Default 1 000 000. */
  mostCharacters?: number;
  /** Longest time `count` holds the event loop. Default 20. */
  budgetMilliseconds?: number;
  /** Milliseconds that only ever grow; for tests. */
  now?: () => number;
}

/** Counts the tokens of texts. Any text will do; special tokens in it count as such. */
export interface TokenCounter {
  /** Loads the tokenizer, once; never rejects. Until it has, counts are estimates. */
  load(): Promise<LoadedTokenizer>;
  /** What was loaded; undefined until then. */
  readonly tokenizer: LoadedTokenizer | undefined;
  /** Begins a count that is taken in steps. */
  start(texts: readonly string[]): TokenCount;
  /** Tokens in `text`, at once: counted within the time budget, and extrapolated by length beyond it. */
  count(text: string): number;
  /** Tokens in a chat's prompt, at once, with what the template adds and a guess for each image. */
  countChat(chat: ChatPrompt): number;
}

const defaultMostCharacters = 1_000_000;
const defaultBudgetMilliseconds = 20;

export function createTokenCounter({
  tokenizer,
  model,
  hubFolders,
  mostCharacters = defaultMostCharacters,
  budgetMilliseconds = defaultBudgetMilliseconds,
  now = () => performance.now(),
}: TokenCounterOptions = {}): TokenCounter {
  const recent = new RecentCounts();
  let loading: Promise<Tokenizer> | undefined;
  let loaded: Tokenizer | undefined;

  const start = (texts: readonly string[]): TokenCount =>
    loaded?.encoder === undefined
      ? { advance: () => true, tokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0) }
      : createTokenCount({ texts, encoder: loaded.encoder, recent, mostCharacters, now });

  const countNow = (texts: readonly string[]): number => {
    const count = start(texts);
    count.advance(budgetMilliseconds);
    return count.tokens;
  };

  return {
    load: async () => {
      loading ??= loadTokenizer({ tokenizer, model, hubFolders });
      loaded = await loading;
      return loaded.loaded;
    },
    get tokenizer() {
      return loaded?.loaded;
    },
    start,
    count: (text) => countNow([text]),
    countChat: (chat) => {
      const { otherTokens, texts } = chatParts(chat, loaded?.loaded.template);
      return countNow(texts) + otherTokens;
    },
  };
}
