/** What an encoder is made of, whichever file it came from. */
export interface Vocabulary {
  /** Every token and its rank as tiktoken reads them: lines of `base64 rank`, or its own packed form. */
  ranks: string;
  /** The regular expression that cuts a text into words before they are merged. */
  pattern: string;
  /** Tokens that are found in a text before anything else, as `<|im_end|>`. */
  specials: readonly string[];
  /** Composes characters first: "é" is one, not an "e" and an accent. */
  isComposed: boolean;
}

/** Why a file makes no vocabulary. */
export class UnusableVocabulary extends Error {
  override readonly name = "UnusableVocabulary";
}

/** tiktoken answers a bad vocabulary with a trap that names nothing: whatever could be wrong is looked at before. */
export function requireEveryByte(has: (byte: number) => boolean): void {
  for (let byte = 0; byte < 256; byte += 1) {
    if (!has(byte)) {
      throw new UnusableVocabulary(`no token for the byte ${byte}`);
    }
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of what ought to be an object; none of anything else. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
