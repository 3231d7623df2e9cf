/**
 * A text that a line holds, in this case. Where other lines may hold it too, a request's own words among them, `line` is
 * what the whole line must look like, without its colours; a line of more than 2000 bytes never does.
 */
export type LogPattern = string | { readonly text: string; readonly line: RegExp };

/** What lines of the model server's log mean. */
export interface LogActions {
  onLoad?: readonly LogPattern[];
  onError?: readonly LogPattern[];
  /** An error that the health endpoint doesn't see: over only when the model server has gone and come back, or says that it is loaded. */
  onFatal?: readonly LogPattern[];
  /** An error, unless the worker is ready and the health endpoint answers 200: a request's own failure may read the same. */
  onSuspect?: readonly LogPattern[];
  onInfo?: readonly LogPattern[];
}

/** A line that means something. */
export interface LogEvent {
  kind: "fatal" | "error" | "suspect" | "load" | "info";
  pattern: string;
  line: string;
}

interface Rule {
  kind: LogEvent["kind"];
  pattern: string;
  bytes: Buffer;
  line: RegExp | undefined;
}

const newline = 0x0a;
/** A line longer than this is matched in parts. */
const longestLine = 64 * 1024;
const longestQuote = 500;
/** A line longer than this is not compared with an expression: that may take time. */
const longestCompared = 2000;

/**
 * Finds meaning in a log as its bytes come, however they are cut. Searches whole chunks for the patterns and looks at
 * lines only where one is found: a log grows by 100 MB in a minute, and says something twice an hour.
 */
export class LogMatcher {
  readonly #rules: readonly Rule[];
  readonly #longestPattern: number;
  readonly #onEvent: (event: LogEvent) => void;
  /** The line that has no end yet. */
  #partial: Buffer = Buffer.alloc(0);
  /** Whether that is the rest of a line which was too long. */
  #isCut = false;
  /** How many rules, from the last one up, have nothing more to say of that line. */
  #saidOfPartial: number;

  constructor(
    { onFatal = [], onError = [], onSuspect = [], onLoad = [], onInfo = [] }: LogActions,
    onEvent: (event: LogEvent) => void,
  ) {
    const rules = (kind: LogEvent["kind"], patterns: readonly LogPattern[]): Rule[] =>
      patterns
        .map((pattern) => (typeof pattern === "string" ? { text: pattern, line: undefined } : pattern))
        .filter(({ text }) => text !== "")
        .map(({ line, text }) => ({ kind, pattern: text, bytes: Buffer.from(text), line }));
    // In order of precedence: BACKENDS_READY is a prefix of BACKENDS_READY_TIMEOUT, and the latter is no readiness.
    this.#rules = [
      ...rules("fatal", onFatal),
      ...rules("error", onError),
      ...rules("suspect", onSuspect),
      ...rules("load", onLoad),
      ...rules("info", onInfo),
    ];
    this.#longestPattern = Math.max(1, ...this.#rules.map(({ bytes }) => bytes.length));
    this.#onEvent = onEvent;
    this.#saidOfPartial = this.#rules.length;
  }

  feed(chunk: Buffer): void {
    const lastNewline = chunk.lastIndexOf(newline);
    if (lastNewline === -1) {
      this.#keepPartial(chunk);
      return;
    }
    const firstNewline = chunk.indexOf(newline);
    this.#keepPartial(chunk.subarray(0, firstNewline));
    this.endLine();
    this.#matchLines(chunk.subarray(firstNewline + 1, lastNewline + 1));
    this.#keepPartial(chunk.subarray(lastNewline + 1));
  }

  /** Matches the line so far, for a writer that has paused in it; what was said of it is not said again. */
  flush(): void {
    const index = this.#rules.findIndex(
      ({ bytes, line }) =>
        this.#partial.includes(bytes) && (line === undefined || (!this.#isCut && looksLike(this.#partial, line))),
    );
    if (index !== -1 && index < this.#saidOfPartial) {
      this.#saidOfPartial = index;
      this.#emit(index, this.#partial);
    }
  }

  /** The line is over, whether or not a newline came. */
  endLine(): void {
    this.flush();
    this.#partial = Buffer.alloc(0);
    this.#isCut = false;
    this.#saidOfPartial = this.#rules.length;
  }

  #keepPartial(bytes: Buffer): void {
    if (bytes.length === 0) {
      return;
    }
    this.#partial = Buffer.concat([this.#partial, bytes]);
    if (this.#partial.length > longestLine) {
      this.flush();
      this.#partial = Buffer.from(this.#partial.subarray(-this.#longestPattern));
      this.#isCut = true;
    }
  }

  #matchLines(lines: Buffer): void {
    const found = new Map<number, number>();
    for (const [index, { bytes, line }] of this.#rules.entries()) {
      for (let at = lines.indexOf(bytes); at !== -1; ) {
        const start = lines.lastIndexOf(newline, at) + 1;
        const end = lines.indexOf(newline, at);
        if (line === undefined || looksLike(lines.subarray(start, end), line)) {
          found.set(start, Math.min(index, found.get(start) ?? index));
        }
        at = lines.indexOf(bytes, end + 1);
      }
    }
    for (const [start, index] of [...found].sort(([left], [right]) => left - right)) {
      this.#emit(index, lines.subarray(start, lines.indexOf(newline, start)));
    }
  }

  #emit(index: number, line: Buffer): void {
    const rule = this.#rules[index];
    if (rule) {
      this.#onEvent({ kind: rule.kind, pattern: rule.pattern, line: quote(line) });
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters; vLLM prints them to a log too
const colours = /\u001b\[[0-9;]*m/g;

const plain = (line: Buffer): string => line.toString().replace(colours, "").trim();

const quote = (line: Buffer): string => plain(line.subarray(0, 4 * longestQuote)).slice(0, longestQuote);

/** Searched, not tested: an expression with a flag would remember where it was. */
const looksLike = (line: Buffer, shape: RegExp): boolean =>
  line.length <= longestCompared && plain(line).search(shape) !== -1;
