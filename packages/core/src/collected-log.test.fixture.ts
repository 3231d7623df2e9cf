import { type Logger, pino } from "pino";

/** A logger that keeps what it is given. */
export interface CollectedLog {
  log: Logger;
  lines: Record<string, unknown>[];
}

export function collectLog(): CollectedLog {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "trace", base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) });
  return { log, lines };
}
