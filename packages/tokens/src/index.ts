export { type ChatContentPart, type ChatMessage, type ChatParts, type ChatPrompt, chatParts } from "./chat-parts.ts";
export type { ChatTemplate } from "./chat-template.ts";
export { type Comparison, compareCounts } from "./compare-counts.ts";
export { estimateTokens } from "./estimate-tokens.ts";
export type { LoadedTokenizer } from "./load-tokenizer.ts";
export type { TokenCount } from "./token-count.ts";
export { createTokenCounter, type TokenCounter, type TokenCounterOptions } from "./token-counter.ts";
