import "../json.ts";

const deepest = 64;

/** A number as the JSON text spelled it. Python prints `1`, `1.0` and `1e0` as it read them; a parsed number forgot. */
class NumberSource {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Python's `json.dumps(json.loads(text), indent=4, sort_keys=True)`, leaving out some keys of the outermost object.
 * Throws SyntaxError where `text` is not JSON, RangeError where it nests deeper than 64.
 */
export function pythonJson(text: string, omit: ReadonlySet<string> = new Set()): string {
  const value = JSON.parse(text, (_key, item, { source }) =>
    typeof item === "number" && source !== undefined ? new NumberSource(source) : item,
  );
  return print(value, { depth: 0, omit });
}

function print(value: unknown, { depth, omit }: { depth: number; omit: ReadonlySet<string> }): string {
  if (depth > deepest) {
    throw new RangeError(`nested deeper than ${deepest}`);
  }
  if (value instanceof NumberSource) {
    return printNumber(value.text);
  }
  if (typeof value === "string") {
    return printString(value);
  }
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  const inner = { depth: depth + 1, omit: new Set<string>() };
  if (Array.isArray(value)) {
    return printBlock(
      "[]",
      value.map((item) => print(item, inner)),
      depth,
    );
  }
  const members = Object.entries(value)
    .filter(([key]) => !omit.has(key))
    .sort(([left], [right]) => compareCodePoints(left, right))
    .map(([key, item]) => `${printString(key)}: ${print(item, inner)}`);
  return printBlock("{}", members, depth);
}

function printBlock([open, close]: string | string[], items: readonly string[], depth: number): string {
  if (items.length === 0) {
    return `${open}${close}`;
  }
  const margin = " ".repeat(4 * (depth + 1));
  return `${open}\n${items.map((item) => margin + item).join(",\n")}\n${" ".repeat(4 * depth)}${close}`;
}

const beyondAscii = /[\u007f-\uffff]/g;

/** Like Python's ensure_ascii: every UTF-16 unit beyond ASCII, and 0x7f with them, as \uXXXX. */
const printString = (text: string): string =>
  JSON.stringify(text).replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function printNumber(source: string): string {
  if (/^-?\d+$/.test(source)) {
    return BigInt(source).toString();
  }
  const number = Number(source);
  if (!Number.isFinite(number)) {
    return number > 0 ? "Infinity" : "-Infinity";
  }
  return printFloat(number);
}

/** Python's repr: exponents below -4 and from 16 on, with two digits at least, and a ".0" on whole numbers. */
function printFloat(number: number): string {
  if (number === 0) {
    return Object.is(number, -0) ? "-0.0" : "0.0";
  }
  const [digits = "", power = "0"] = number.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = exponent < 0 ? number.toFixed(fractionDigits(digits) - exponent) : String(number);
  return plain.includes(".") ? plain : `${plain}.0`;
}

const fractionDigits = (digits: string): number => digits.split(".")[1]?.length ?? 0;

function compareCodePoints(left: string, right: string): number {
  const a = Array.from(left, (character) => character.codePointAt(0) ?? 0);
  const b = Array.from(right, (character) => character.codePointAt(0) ?? 0);
  const at = a.findIndex((point, index) => point !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}
