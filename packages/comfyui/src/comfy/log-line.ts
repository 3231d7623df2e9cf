/** A line may begin with a time, and then with a level and the name of a logger. Never with a name alone: errors have one. */
const time = String.raw`^(?:\[?\d[\d:.,TZ+/-]*(?: \d[\d:.,]*)?\]?\s+)?`;
const level = String.raw`(?:\[?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\]?(?:[: ][\w.]+:|:)?\s*)?`;

/**
 * A line whose message begins with this, given as the source of an expression. A log repeats what requests hold, and that
 * never stands where a message begins, unless it brings a line break of its own.
 */
export const messageLine = (beginning: string): RegExp => new RegExp(time + level + beginning);
