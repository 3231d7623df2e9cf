import { z } from "zod";

/** One setting that is wrong: what it is called, what would be right, what was there. */
export interface ConfigurationProblem {
  name: string;
  expected: string;
  found: string;
}

/** Everything that is wrong with a worker's configuration, at once. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const lines = problems.map(({ name, expected, found }) => `  ${name}: expected ${expected}, found ${found}`);
    super(`the configuration has ${problems.length} problem(s):\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

interface Variable<Value> {
  schema: z.ZodType<Value, string | undefined>;
  meaning: string;
  expected: string;
  /** What an unset variable stands for. */
  fallback: string | undefined;
}

type Meaning = Pick<Variable<unknown>, "meaning" | "expected">;

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
const port = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(65535));
const integer = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().nonnegative());
const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
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
    meaning: "certificate for `USE_SSL`",
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
  PUBLIC_IPADDR: optional(text, {
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
  MODEL_API_KEY: optional(text, { meaning: "bearer token sent to the model server", expected: "a token" }),
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
    expected: "seconds",
    fallback: "30",
  }),
  LOG_LEVEL: defaulted(level, {
    meaning: "least severe level logged",
    expected: "fatal, error, warn, info, debug, trace or silent",
    fallback: "info",
  }),
};

type Variables = typeof variables;

/** The variables of the table above, parsed. */
export type Environment = { [Name in keyof Variables]: z.output<Variables[Name]["schema"]> };

/** An environment with what follows from it. */
export interface WorkerEnvironment extends Environment {
  /** `http[s]://PUBLIC_IPADDR:VAST_TCP_PORT_<WORKER_PORT>`: where the engine and clients reach this worker. */
  publicUrl: string;
}

/**
 * Parses the environment. What is wrong goes into `problems`, all of it; wrong values are replaced by their defaults,
 * so that the engine can still be told.
 */
export function readEnvironment(raw: RawEnvironment, problems: ConfigurationProblem[]): WorkerEnvironment {
  const environment = parseVariables(raw, problems);
  const { WORKER_PORT: port, USE_SSL: useSsl, UNSECURED: unsecured } = environment;
  const publicPortName = `VAST_TCP_PORT_${port}`;
  const publicPort = readPublicPort(raw, { name: publicPortName, port, unsecured, problems });
  if (!unsecured) {
    requireVariable(environment, "CONTAINER_ID", problems);
    requireVariable(environment, "PUBLIC_IPADDR", problems);
  }
  const host = environment.PUBLIC_IPADDR ?? "127.0.0.1";
  return {
    ...environment,
    publicUrl: `http${useSsl ? "s" : ""}://${host.includes(":") ? `[${host}]` : host}:${publicPort}`,
  };
}

function parseVariables(raw: RawEnvironment, problems: ConfigurationProblem[]): Environment {
  const read = <Value>(name: string, { schema, expected, fallback }: Variable<Value>): Value => {
    const given = raw[name] || undefined;
    const parsed = schema.safeParse(given ?? fallback);
    if (parsed.success) {
      return parsed.data;
    }
    problems.push({ name, expected, found: JSON.stringify(given) });
    return schema.parse(fallback);
  };
  return Object.fromEntries(
    Object.entries(variables).map(([name, entry]) => [name, read<unknown>(name, entry)]),
  ) as Environment;
}

interface PublicPort {
  name: string;
  port: number;
  unsecured: boolean;
  problems: ConfigurationProblem[];
}

function readPublicPort(raw: RawEnvironment, { name, port: own, unsecured, problems }: PublicPort): number {
  const given = raw[name];
  const parsed = port.safeParse(given);
  if (parsed.success) {
    return parsed.data;
  }
  if (given !== undefined || !unsecured) {
    problems.push({
      name,
      expected: "a port from 1 to 65535",
      found: given === undefined ? "nothing" : JSON.stringify(given),
    });
  }
  return own;
}

function requireVariable(
  environment: Environment,
  name: "CONTAINER_ID" | "PUBLIC_IPADDR",
  problems: ConfigurationProblem[],
): void {
  const isNamed = problems.some((problem) => problem.name === name);
  if (environment[name] === undefined && !isNamed) {
    problems.push({ name, expected: variables[name].expected, found: "nothing" });
  }
}

/** The only place that reads the process's environment. */
export const processEnvironment = (): RawEnvironment => process.env;

/** The values of variables that core itself knows nothing of; for backends. */
export function readVariables<Name extends string>(names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value) {
      found[name] = value;
    }
  }
  return found;
}
