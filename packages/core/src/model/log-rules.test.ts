import { describe, expect, test } from "@jest/globals";
import { pick, seededRandom } from "@pyworker/testing";
import { type LogActions, type LogEvent, LogMatcher } from "./log-rules.ts";

const actions = {
  onLoad: ["Application startup complete.", "BACKENDS_READY"],
  onError: ["Traceback (most recent call last):", "BACKENDS_READY_TIMEOUT", "плохо"],
  onFatal: ["CUDA error"],
  onSuspect: ["RuntimeError"],
  onInfo: ['"message":"Download', "loading 😀"],
};

function setUp(given: LogActions = actions) {
  const events: LogEvent[] = [];
  const matcher = new LogMatcher(given, (event) => events.push(event));
  return {
    matcher,
    events,
    feed: (text: string) => matcher.feed(Buffer.from(text)),
    said: () => events.map(({ kind, pattern }) => `${kind} ${pattern}`),
  };
}

describe("what a line means", () => {
  test.each([
    ["INFO:     Application startup complete.", "load Application startup complete."],
    [
      "\u001b[1;36m(APIServer pid=7)\u001b[0;0m INFO Application startup complete.\u001b[0m",
      "load Application startup complete.",
    ],
    ["2026-01-01 Traceback (most recent call last):", "error Traceback (most recent call last):"],
    ['{"level":"info","message":"Download 5 %"}', 'info "message":"Download'],
    ["loading 😀 now", "info loading 😀"],
    ["BACKENDS_READY", "load BACKENDS_READY"],
    ["BACKENDS_READY_TIMEOUT", "error BACKENDS_READY_TIMEOUT"],
    ["RuntimeError: CUDA", "suspect RuntimeError"],
    ["RuntimeError: CUDA error: плохо", "fatal CUDA error"],
    ['"message":"Download" BACKENDS_READY RuntimeError плохо', "error плохо"],
    ['"message":"Download" BACKENDS_READY RuntimeError', "suspect RuntimeError"],
    ['"message":"Download" BACKENDS_READY', "load BACKENDS_READY"],
  ])("%j is told once, as the worst it is", (line, event) => {
    const { feed, said } = setUp();
    feed(`before\n${line}\nafter\n`);
    expect(said()).toEqual([event]);
  });

  test.each([
    "application startup complete.",
    "APPLICATION STARTUP COMPLETE.",
    "Application startup",
    "BACKENDS READY",
    "",
  ])("%j means nothing", (line) => {
    const { feed, matcher, said } = setUp();
    feed(`${line}\n${line}`);
    matcher.flush();
    matcher.endLine();
    expect(said()).toEqual([]);
  });

  test("is not said by two lines together", () => {
    const { feed, said } = setUp();
    feed("Application startup\n complete.\nBACKENDS\n_READY\n");
    expect(said()).toEqual([]);
  });

  test("comes in the order of the lines, one event for each", () => {
    const { feed, said } = setUp();
    feed("BACKENDS_READY\nплохо\nBACKENDS_READY BACKENDS_READY\nBACKENDS_READY\nплохо плохо\n");
    expect(said()).toEqual([
      "load BACKENDS_READY",
      "error плохо",
      "load BACKENDS_READY",
      "load BACKENDS_READY",
      "error плохо",
    ]);
  });

  test("is quoted without colours and blanks, and not at any length", () => {
    const { events, feed } = setUp();
    feed("  \u001b[1;31mBACKENDS_READY\u001b[0m \r\n");
    feed(`BACKENDS_READY ${"é".repeat(5000)}\n`);
    expect(events[0]?.line).toBe("BACKENDS_READY");
    expect(events[1]?.line).toMatch(/^BACKENDS_READY é{400,}$/);
    expect(events[1]?.line.length).toBeLessThanOrEqual(500);
  });

  test("is nothing where there are no patterns, or empty ones", () => {
    for (const given of [{}, { onLoad: [""], onError: [""], onInfo: [] }]) {
      const { feed, matcher, said } = setUp(given);
      feed("a line\n\nanother");
      matcher.flush();
      matcher.endLine();
      expect(said()).toEqual([]);
    }
  });
});

describe("a pattern with the shape of its line", () => {
  const shaped = {
    onLoad: [{ text: "Connected", line: /^\S+ +INFO server: Connected$/ }],
    onError: [{ text: "Error: ", line: /^Error: (Down|Failed)$/g }],
    onInfo: ["INFO"],
  };

  test.each([
    ["2026 INFO server: Connected", "load Connected"],
    ["  2026  INFO server: Connected \r", "load Connected"],
    ["\u001b[2m2026\u001b[0m \u001b[32m INFO\u001b[0m \u001b[2mserver:\u001b[0m Connected", "load Connected"],
    ["2026 INFO server: Connected to a shard", "info INFO"],
    ['2026 INFO generate{stop: ["INFO server: Connected"]}: Success', "info INFO"],
    ["Error: Down", "error Error: "],
    ["Error: Failed", "error Error: "],
  ])("%j is told as %s", (line, event) => {
    const { feed, said } = setUp(shaped);
    feed(`${line}\nConnected\nError: of another kind\nValueError: Down\n${line}\n`);
    expect(said()).toEqual([event, event]);
  });

  test("is told while the line has no end, and not where the line goes on", () => {
    const { feed, matcher, said } = setUp(shaped);
    feed("2026 INFO server: Conn");
    matcher.flush();
    feed("ected");
    matcher.flush();
    feed("\n2026 INFO server: Connected to");
    matcher.flush();
    expect(said()).toEqual(["info INFO", "load Connected", "info INFO"]);
  });

  test("is told of no line that is too long, whole or in parts", () => {
    const { feed, said } = setUp(shaped);
    feed(`${"x".repeat(3000)} INFO server: Connected\n${"x".repeat(1000)} INFO server: Connected\n`);
    feed("x".repeat(70_000));
    feed(" INFO server: Connected");
    feed("\n");
    expect(said()).toEqual(["info INFO", "load Connected", "info INFO"]);
  });

  test("holds nobody up where all lines hold its text", () => {
    const { matcher, said } = setUp({ onLoad: [{ text: "Connected", line: /^[^"]*INFO server: Connected$/ }] });
    const chunk = Buffer.from(`2026 INFO server: Connected ${"x".repeat(40)}\n`.repeat(15_000));
    const startedAt = performance.now();
    matcher.feed(chunk);
    // 100 MB in a minute are 1.7 MB in a second, of which these would be all.
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(said()).toEqual([]);
  });
});

describe("a line that is not complete", () => {
  test("is matched when its writer pauses, and not once more when it ends", () => {
    const { feed, matcher, said } = setUp();
    feed("Application startup");
    matcher.flush();
    expect(said()).toEqual([]);
    feed(" complete.");
    matcher.flush();
    matcher.flush();
    expect(said()).toEqual(["load Application startup complete."]);
    feed(" really\n");
    feed("Application startup complete.\n");
    expect(said()).toHaveLength(2);
  });

  test("is an error in the end, though it looked like a load line at first", () => {
    const { feed, matcher, said } = setUp();
    feed("BACKENDS_READY");
    matcher.flush();
    feed("_TIMEOUT\n");
    expect(said()).toEqual(["load BACKENDS_READY", "error BACKENDS_READY_TIMEOUT"]);
  });

  test("does not become part of what comes after it has ended without a newline", () => {
    const { feed, matcher, said } = setUp();
    feed("Application startup");
    matcher.endLine();
    feed(" complete.\nBACKENDS_READY");
    matcher.endLine();
    expect(said()).toEqual(["load BACKENDS_READY"]);
  });
});

describe("a line of 10 MB", () => {
  const filler = Buffer.alloc(10 * 1024 * 1024, "x");

  test.each([
    ["at its beginning", 0],
    ["across two chunks", 512 * 1024 - 7],
    ["in its middle", 5_000_001],
    ["at its end", filler.length],
  ])("is matched once with a pattern %s", (_where, at) => {
    const { events, matcher, said } = setUp();
    const line = Buffer.concat([
      filler.subarray(0, at),
      Buffer.from("Application startup complete."),
      filler.subarray(at),
      Buffer.from("\nBACKENDS_READY\n"),
    ]);
    for (let offset = 0; offset < line.length; offset += 512 * 1024) {
      matcher.feed(line.subarray(offset, offset + 512 * 1024));
      matcher.flush();
    }
    expect(said()).toEqual(["load Application startup complete.", "load BACKENDS_READY"]);
    expect(events[0]?.line.length).toBeLessThanOrEqual(500);
  });

  test("is matched wherever it is cut", () => {
    const pattern = "Traceback (most recent call last):";
    for (let cut = 1; cut < pattern.length; cut += 1) {
      const { feed, said } = setUp();
      feed("x".repeat(70_000) + pattern.slice(0, cut));
      feed(pattern.slice(cut));
      feed("\n");
      expect(said()).toEqual([`error ${pattern}`]);
    }
  });

  test("is matched once, however often it says the same", () => {
    const { matcher, said } = setUp();
    for (let count = 0; count < 1000; count += 1) {
      matcher.feed(Buffer.from("BACKENDS_READY "));
      matcher.feed(filler.subarray(0, 10_000));
    }
    matcher.endLine();
    expect(said()).toEqual(["load BACKENDS_READY"]);
  });
});

describe("however the bytes are cut", () => {
  const words: [string, ...string[]] = [
    "BACKENDS_READY",
    ...Object.values(actions).flat(),
    "Application startup",
    " complete.",
    "BACKENDS_",
    "READY",
    "\u001b[31m",
    "é😀",
    "x".repeat(200),
    " ",
    "\n",
    "\r\n",
    "\n\n",
  ];

  /** The same, said plainly. */
  const expected = (bytes: Buffer): string[] =>
    bytes
      .toString("latin1")
      .split("\n")
      .flatMap((line) => {
        const rules = [
          ...actions.onFatal.map((pattern) => ["fatal", pattern] as const),
          ...actions.onError.map((pattern) => ["error", pattern] as const),
          ...actions.onSuspect.map((pattern) => ["suspect", pattern] as const),
          ...actions.onLoad.map((pattern) => ["load", pattern] as const),
          ...actions.onInfo.map((pattern) => ["info", pattern] as const),
        ];
        const rule = rules.find(([, pattern]) => line.includes(Buffer.from(pattern).toString("latin1")));
        return rule ? [rule.join(" ")] : [];
      });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("the same is said (%d)", (seed) => {
    const random = seededRandom(seed);
    const text = Array.from({ length: 600 }, () => pick(random, words)).join("");
    // Not UTF-8 everywhere: a byte here and there is replaced.
    const bytes = Buffer.from(text);
    for (let count = 0; count < 20; count += 1) {
      bytes[Math.floor(random() * bytes.length)] = 0xff;
    }
    const { matcher, said } = setUp();
    const longest = pick(random, [1, 7, 100, 5000]);
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + Math.floor(random() * longest);
      const chunk = Buffer.from(bytes.subarray(at, end));
      matcher.feed(chunk);
      // The chunk's memory is the reader's, and is written over by the next one.
      chunk.fill(0);
      at = end;
    }
    matcher.endLine();
    expect(said()).toEqual(expected(bytes));
  });
});
