import { parseJson } from "@pyworker/core";

/** What stands for anything that differs from run to run. */
const anything = "…";

/**
 * What was received, with `…` wherever the page has it: equal to what is shown where it is as shown. A text with `…` in it
 * stands for any text that begins and ends like that, and a name `…` for any that isn't shown.
 */
export function asShown(shown: unknown, received: unknown): unknown {
  if (typeof shown === "string") {
    return received !== undefined && isLike(shown, received) ? shown : received;
  }
  if (Array.isArray(shown) && Array.isArray(received)) {
    return received.map((item, index) => asShown(shown[index], item));
  }
  if (isRecord(shown) && isRecord(received)) {
    return Object.fromEntries(
      Object.entries(received).map(([name, item]) => {
        const shownName = name in shown || !(anything in shown) ? name : anything;
        return [shownName, asShown(shown[shownName], item)];
      }),
    );
  }
  return received;
}

/** A body that can be compared: JSON, the events of a stream, or text. */
export function readBody(text: string): unknown {
  if (text.startsWith("data: ")) {
    const events = text.split("\n\n").filter((event) => event.startsWith("data: "));
    return events.map((event) => parseJson(event.slice("data: ".length)));
  }
  return /^[[{]/.test(text) ? parseJson(text) : text;
}

function isLike(shown: string, received: unknown): boolean {
  if (shown === anything) {
    return true;
  }
  const [start = "", end] = shown.split(anything);
  return typeof received === "string" && end !== undefined && received.startsWith(start) && received.endsWith(end);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
