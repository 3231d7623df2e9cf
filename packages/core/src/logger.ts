import { type Logger, pino } from "pino";

/** Field names whose values never reach a log. */
const secrets = ["mtoken", "authorization", "cookie", "api_key", "apiKey", "signature", "token", "session_auth"];

/** JSON lines on standard output; readable ones on a terminal. Prompts and payloads are never passed to it. */
export async function createLogger({ level, name }: { level: string; name: string }): Promise<Logger> {
  const options = {
    level,
    base: { name },
    redact: { paths: secrets.flatMap((secret) => [secret, `*.${secret}`]), censor: "[redacted]" },
  };
  if (!process.stdout.isTTY) {
    return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime }, standardOutput());
  }
  const { PinoPretty } = await import("pino-pretty");
  return pino(options, PinoPretty({ ignore: "pid,hostname,name", translateTime: "SYS:HH:MM:ss.l" }));
}

const mostBytesHeld = 1024 * 1024;

/** A full disk or a closed pipe costs lines of the log, and not the worker. Lines are written at once: none is left to write at the exit, which a full disk would hold up for ever. */
function standardOutput() {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: mostBytesHeld });
  destination.on("error", () => {});
  return destination;
}
