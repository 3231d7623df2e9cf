export {
  createTokenCounter,
  type Encoding,
  estimateTokens,
  type TokenCounter,
  type TokenCounterOptions,
} from "./token-counter.ts";
