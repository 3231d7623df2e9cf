/** What the engine says of a request, in the fields the worker reads. */
export interface AuthData {
  /** Workload the engine reckoned with. */
  cost: number;
  endpoint: string;
  reqnum: number;
  requestIdx: number;
  signature: string;
  url: string;
}

export type AuthDataResult =
  | { ok: true; authData: AuthData }
  | { ok: false; problems: Record<string, string> | string };

const parameters = ["cost", "endpoint", "reqnum", "request_idx", "signature", "url"];

/** Reads `auth_data`. Extra keys are fine: the engine's whole answer is copied into it. */
export function readAuthData(value: unknown): AuthDataResult {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, problems: "expected an object" };
  }
  const fields: Record<string, unknown> = { ...value };
  const problems: Record<string, string> = {};
  for (const name of parameters) {
    if (!Object.hasOwn(value, name)) {
      problems[name] = "missing parameter";
    }
  }
  const number = (name: string, least: number): number => readNumber(fields[name], { name, least, problems });
  const string = (name: string): string => readString(fields[name], { name, problems });
  const authData = {
    cost: number("cost", 0),
    endpoint: string("endpoint"),
    reqnum: number("reqnum", Number.NEGATIVE_INFINITY),
    requestIdx: number("request_idx", Number.NEGATIVE_INFINITY),
    signature: string("signature"),
    url: string("url"),
  };
  return Object.keys(problems).length === 0 ? { ok: true, authData } : { ok: false, problems };
}

interface Field {
  name: string;
  problems: Record<string, string>;
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Numbers arrive as numbers or as strings: the engine's own `cost` is a string. */
function readNumber(value: unknown, { name, least, problems }: Field & { least: number }): number {
  const isNumeric = typeof value === "bigint" || (typeof value === "string" && decimal.test(value));
  const number = isNumeric ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && number >= least) {
    return number;
  }
  problems[name] ??= least === 0 ? "expected a number of 0 or more" : "expected a number";
  return 0;
}

function readString(value: unknown, { name, problems }: Field): string {
  if (typeof value === "string") {
    return value;
  }
  problems[name] ??= "expected a string";
  return "";
}
