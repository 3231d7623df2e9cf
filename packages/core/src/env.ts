import type { z } from "zod";
import { bracketed, port, type Variable, variables } from "./variables.ts";
import { withoutPasswords } from "./without-passwords.ts";

export { variables } from "./variables.ts";

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
    // It is logged, and told to the engine.
    super(withoutPasswords(`the configuration has ${problems.length} problem(s):\n${lines.join("\n")}`));
    this.problems = problems;
  }
}

export type RawEnvironment = Readonly<Record<string, string | undefined>>;

type Variables = typeof variables;

/** Every environment variable, parsed. */
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
  const environment = parseVariables(withoutAuthorities(raw), problems);
  const { WORKER_PORT: port, USE_SSL: useSsl, UNSECURED: unsecured } = environment;
  const publicPortName = `VAST_TCP_PORT_${port}`;
  const publicPort = readPublicPort(raw, { name: publicPortName, port, unsecured, problems });
  checkInternalPort(environment, problems);
  if (!unsecured) {
    requireVariable(environment, "CONTAINER_ID", problems);
    requireVariable(environment, "PUBLIC_IPADDR", problems);
  }
  const publicHost = bracketed(environment.PUBLIC_IPADDR ?? "127.0.0.1");
  const isLocal = unsecured && environment.CONTAINER_ID === undefined && !raw.REPORT_ADDR;
  return {
    ...environment,
    // A worker that nobody has rented has nothing to tell Vast.
    REPORT_ADDR: isLocal ? [] : environment.REPORT_ADDR,
    publicUrl: `http${useSsl ? "s" : ""}://${publicHost}:${publicPort}`,
  };
}

/** Alone, SSL_CERT_FILE is OpenSSL's name for the authorities that an image trusts, and no certificate of a worker's. */
const withoutAuthorities = (raw: RawEnvironment): RawEnvironment =>
  raw.SSL_KEY_FILE ? raw : { ...raw, SSL_CERT_FILE: undefined };

/** The two ports must differ; the second one is the next after the first, unless it is given. */
function checkInternalPort(environment: Environment, problems: ConfigurationProblem[]): void {
  const { WORKER_HTTP_PORT: given, WORKER_PORT: own } = environment;
  if (given === own || (given === undefined && own === 65535)) {
    problems.push({
      name: "WORKER_HTTP_PORT",
      expected: "a port from 1 to 65535 that is not WORKER_PORT",
      found: given === undefined ? "nothing, and there is no port after 65535" : `"${given}"`,
    });
  }
}

function parseVariables(raw: RawEnvironment, problems: ConfigurationProblem[]): Environment {
  const read = <Value>(name: string, { schema, expected, fallback, isSecret }: Variable<Value>): Value => {
    const given = raw[name] || undefined;
    const parsed = schema.safeParse(given ?? fallback);
    if (parsed.success) {
      return parsed.data;
    }
    problems.push({ name, expected, found: isSecret ? "something else" : JSON.stringify(given) });
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
  const given = raw[name] || undefined;
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
