import { createDraw, type Draw } from "./random.ts";

/** A request body that is likely wrong. */
export interface GeneratedBody {
  route: string;
  /** Which kind of fault it has. */
  fault: string;
  body: string | Buffer;
  /** What a refusal must name; undefined where that depends on where the fault fell. */
  names?: string | undefined;
}

/** A route, and a body that it takes. */
export interface FuzzedRoute {
  route: string;
  body: Body;
}

type Body = Record<string, unknown>;
type Faulty = Pick<GeneratedBody, "body" | "names">;

const levels = 100_000;
const nested = [
  "[".repeat(levels) + "]".repeat(levels),
  `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`,
  "[".repeat(levels),
];
const hugeNumbers = ["1e308", "1e400", "-1e400", "9".repeat(400), "0.1e-999", "-0", "1E+05", "18446744073709551616"];
const noNumbers = ["01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "1e", "--1"];
const otherTypes = ["null", "true", "[]", "{}", '"text"', "-1", "1.5", "[[1]]", '[{"a":1}]', '""', "0"];
const evilKeys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", ""];
const noObjects = ["", " ", "null", "[]", "1", '"x"', "true", "[{}]", "{", "}", "\u0000", "undefined", "{},{}"];
const oddStrings = ['"\\ud800"', '"\\u0000"', '"\\x"', '"\t"', '"unended', "'single'", '"\u2028"'];
const invalidJson = "invalid JSON";

/** What can be wrong with a body. Text that is no JSON value is put in once the rest is serialised. */
const faults: Record<string, (body: Body, draw: Draw) => Faulty> = {
  "broken JSON": (body, draw) => ({ body: damage(JSON.stringify(body), draw) }),
  "no object": (_body, { pick }) => ({ body: pick(noObjects), names: invalidJson }),
  "deep nesting": (body, draw) => ({ body: draw.pick([withText(body, draw.pick(nested), draw), draw.pick(nested)]) }),
  "huge number": (body, draw) => ({ body: withText(body, draw.pick(hugeNumbers), draw) }),
  "no number": (body, draw) => ({ body: withText(body, draw.pick(noNumbers), draw), names: invalidJson }),
  "other type": (body, draw) => ({ body: withText(body, draw.pick(otherTypes), draw) }),
  "odd string": (body, draw) => ({ body: withText(body, draw.pick(oddStrings), draw) }),
  "evil key": (body, draw) => {
    const member = `${JSON.stringify(draw.pick(evilKeys))}:${draw.pick(otherTypes)}`;
    return { body: draw.pick([`{${member},${JSON.stringify(body).slice(1)}`, withText(body, `{${member}}`, draw)]) };
  },
  "missing key": (body, { pick }) => {
    const path = pick(pathsOf(body));
    const isRequired = path[0] === "auth_data" || path.join() === "payload";
    return { body: JSON.stringify(replace(body, path, undefined)), names: isRequired ? path.at(-1) : undefined };
  },
  "key twice": (body, { pick }) => {
    const text = JSON.stringify(body);
    const member = `${JSON.stringify(pick(Object.keys(body)))}:${pick(otherTypes)}`;
    return { body: pick([`{${member},${text.slice(1)}`, `${text.slice(0, -1)},${member}}`]) };
  },
  "invalid UTF-8": (body, { below }) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const at = below(bytes.length);
    return {
      body: Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc3]), bytes.subarray(at)]),
      names: invalidJson,
    };
  },
  "random bytes": (_body, { below }) => ({
    body: Buffer.from(Array.from({ length: below(200) }, () => below(256))),
    names: invalidJson,
  }),
};

/** Nested bodies are a thousand times as long as others: a few of them will do. */
const rarely = "deep nesting";

export function createBodyGenerator(seed: number, routes: readonly FuzzedRoute[]): () => GeneratedBody {
  const draw = createDraw(seed);
  const kinds = Object.entries(faults);
  const frequent = kinds.filter(([fault]) => fault !== rarely);
  return () => {
    const { body, route } = draw.pick(routes);
    const [fault, make] = draw.pick(draw.below(3) === 0 ? kinds : frequent);
    return { route, fault, ...make(body, draw) };
  };
}

function damage(text: string, { below, pick }: Draw): string {
  const at = below(text.length);
  const kept = text.slice(0, at);
  return pick([kept, kept + text.slice(at + 1), kept + pick(['"', "{", "}", ",", ":", "\\", "\n"]) + text.slice(at)]);
}

const hole = "\u0001hole\u0001";

/** The body with this text in place of one of its values. */
const withText = (body: Body, text: string, { pick }: Draw): string =>
  JSON.stringify(replace(body, pick(pathsOf(body)), hole)).replace(JSON.stringify(hole), () => text);

/** The path of every value in a body, down to two keys. */
const pathsOf = (body: Body): string[][] =>
  Object.entries(body).flatMap(([key, value]) => [
    [key],
    ...(typeof value === "object" && value !== null ? Object.keys(value).map((inner) => [key, inner]) : []),
  ]);

/** The body with another value at a path of one or two keys; undefined takes it out. */
function replace(body: Body, [key = "", inner]: readonly string[], value: unknown): Body {
  const own = body[key];
  const isInner = inner !== undefined && typeof own === "object" && own !== null;
  return { ...body, [key]: isInner ? { ...own, [inner]: value } : value };
}
