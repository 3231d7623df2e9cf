import { isObject } from "../server/read-body.ts";

const placeholder = "__RANDOM_INT__";

/** Puts numbers where the placeholder stands: one draw for each text that holds it; a text of nothing else becomes a number. */
export function fillRandom(value: unknown, draw: () => number): unknown {
  if (typeof value === "string") {
    return value === placeholder ? draw() : fillText(value, draw);
  }
  if (Array.isArray(value)) {
    return value.map((item) => fillRandom(item, draw));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillRandom(item, draw)]))
    : value;
}

const fillText = (text: string, draw: () => number): string =>
  text.includes(placeholder) ? text.replaceAll(placeholder, String(draw())) : text;
