import { z } from "zod";

const longestDrainSeconds = 86_400;

/** One environment variable: how it is read, and what is said about it. */
export interface Variable<Value> {
  schema: z.ZodType<Value, string | undefined>;
  meaning: string;
  expected: string;
  /** What an unset variable stands for. */
  fallback: string | undefined;
  /** Whether a wrong value is kept out of what is said about it. */
  isSecret?: boolean;
}

type Meaning = Pick<Variable<unknown>, "meaning" | "expected" | "isSecret">;

const optional = <Value>(schema: z.ZodType<Value, string>, about: Meaning): Variable<Value | undefined> => ({
  ...about,
  schema: schema.optional(),
  fallback: undefined,
});

const defaulted = <Value>(
  schema: z.ZodType<Value, string>,
  about: Meaning & { fallback: string },
): Variable<Value> => ({
  ...about,
  schema: z.string().pipe(schema),
});

const text = z.string();
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
export const port = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(65535));
const integer = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().nonnegative());
const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number)
  // Timers take no more than 24 days, and go off at once when given more.
  .pipe(z.number().max(longestDrainSeconds));
/** A header takes no others. */
const token = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/);
const host = z
  .string()
  .trim()
  .transform((value) => value.replace(/^\[(.*)\]$/, "$1"))
  .refine((value) => /^[\w.:-]+$/.test(value) && URL.canParse(`http://${bracketed(value)}`));
const lines = z.string().transform((value) =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean),
);
const list = z.string().transform((value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean),
);
const address = z
  .string()
  .regex(/^https?:\/\/[^\s/]+/)
  .refine(URL.canParse)
  .transform((url) => url.replace(/\/+$/, ""));
const addresses = list.pipe(z.array(address).min(1));
const level = z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]);

/** Every environment variable a worker reads. docs/configuration.md is made from this table. */
export const variables = {
  WORKER_PORT: defaulted(port, {
    meaning: "public port, HTTP or HTTPS",
    expected: "a port from 1 to 65535",
    fallback: "3000",
  }),
  WORKER_HOST: defaulted(text, {
    meaning: "address the public port binds to",
    expected: "an address",
    fallback: "0.0.0.0",
  }),
  WORKER_HTTP_PORT: optional(port, {
    meaning: "internal port, plain HTTP: `/session/end`, `/metrics`, `/healthz`, `/readyz`; unset: `WORKER_PORT` + 1",
    expected: "a port from 1 to 65535",
  }),
  WORKER_HTTP_HOST: defaulted(text, {
    meaning: "address the internal port binds to",
    expected: "an address",
    fallback: "127.0.0.1",
  }),
  USE_SSL: defaulted(flag, {
    meaning: "whether the public port speaks TLS",
    expected: "true or false",
    fallback: "false",
  }),
  SSL_CERT_FILE: defaulted(text, {
    meaning: "certificate for `USE_SSL`; counts only beside `SSL_KEY_FILE`, for alone it is OpenSSL's",
    expected: "a path",
    fallback: "/etc/instance.crt",
  }),
  SSL_KEY_FILE: defaulted(text, {
    meaning: "private key for `USE_SSL`",
    expected: "a path",
    fallback: "/etc/instance.key",
  }),
  REPORT_ADDR: defaulted(addresses, {
    meaning: "engine addresses, tried in order until one accepts",
    expected: "http(s) URLs, separated by commas",
    fallback: "https://run.vast.ai",
  }),
  MASTER_TOKEN: defaulted(text, {
    meaning: "sent in every report; also the bearer token of `/pyworker/update`",
    expected: "a token",
    fallback: "",
  }),
  CONTAINER_ID: optional(integer, {
    meaning: "this worker's id (required, unless `UNSECURED`)",
    expected: "a whole number",
  }),
  PUBLIC_IPADDR: optional(host, {
    meaning: "public address (required, unless `UNSECURED`)",
    expected: "an IP address or a host name",
  }),
  UNSECURED: defaulted(flag, {
    meaning: "no signature checks: for local use only",
    expected: "true or false",
    fallback: "false",
  }),
  CHECK_AUTH_URL: defaulted(flag, {
    meaning: "whether a signature must be made for this worker's own URL",
    expected: "true or false",
    fallback: "true",
  }),
  MODEL_SERVER_URL: optional(address, { meaning: "where the model server listens", expected: "an http(s) URL" }),
  MODEL_SERVER_PORT: optional(port, { meaning: "the model server's port", expected: "a port from 1 to 65535" }),
  MODEL_API_KEY: optional(token, {
    meaning: "bearer token sent to the model server",
    expected: "a token without blanks",
    isSecret: true,
  }),
  MODEL_LOG: optional(text, { meaning: "the model server's log file", expected: "a path" }),
  MODEL_HEALTH_ENDPOINT: optional(text, {
    meaning: "path or URL polled after the benchmark",
    expected: "a path or an http(s) URL",
  }),
  MODEL_LOAD_LOG_MSG: optional(lines, {
    meaning: "log patterns that say the model is loaded, one per line",
    expected: "lines of text",
  }),
  MODEL_ERROR_LOG_MSGS: optional(lines, {
    meaning: "log patterns that say it has failed, one per line",
    expected: "lines of text",
  }),
  MODEL_INFO_LOG_MSGS: optional(lines, {
    meaning: "log patterns to repeat in the worker's log, one per line",
    expected: "lines of text",
  }),
  PYWORKER_VERSION: defaulted(text, {
    meaning: "protocol version reported to the engine",
    expected: "a version",
    fallback: "1.1.0",
  }),
  BENCHMARK_FILE: defaulted(text, {
    meaning: "where the measured throughput is kept",
    expected: "a path",
    fallback: ".has_benchmark",
  }),
  FORCE_UPDATE_FILE: defaulted(text, {
    meaning: "what `/pyworker/update` writes",
    expected: "a path",
    fallback: "/.force_update",
  }),
  SESSION_CLOSE_HOSTS: defaulted(list, {
    meaning: "hosts that a session's `on_close_route` may name, separated by commas",
    expected: "host names",
    fallback: "",
  }),
  DRAIN_SECONDS: defaulted(seconds, {
    meaning: "how long a stopping worker waits for requests in flight",
    expected: `seconds, at most ${longestDrainSeconds}`,
    fallback: "30",
  }),
  LOG_LEVEL: defaulted(level, {
    meaning: "least severe level logged",
    expected: "fatal, error, warn, info, debug, trace or silent",
    fallback: "info",
  }),
};

/** An IPv6 address as URLs write it. */
export function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
