export type { Encoding } from "./encoder.ts";
export { estimateTokens } from "./estimate-tokens.ts";
export type { TokenCount } from "./token-count.ts";
export { createTokenCounter, type TokenCounter, type TokenCounterOptions } from "./token-counter.ts";
