import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pick, seededRandom, until } from "@pyworker/testing";
import { LogMatcher } from "./log-rules.ts";
import { createLogTail, type LogTail } from "./log-tail.ts";

let folder: string;
let path: string;
const started: LogTail[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-tail-"));
  path = join(folder, "model.log");
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((tail) => tail.stop()));
  rmSync(folder, { recursive: true });
});

function follow() {
  const chunks: Buffer[] = [];
  const problems: (string | undefined)[] = [];
  let pauses = 0;
  const tail = createLogTail({
    path,
    sink: {
      feed: (chunk) => chunks.push(Buffer.from(chunk)),
      flush: () => {
        pauses += 1;
      },
      endLine: () => chunks.push(Buffer.from("|")),
    },
    onProblem: (reason) => problems.push(reason),
    pollMilliseconds: 1,
  });
  started.push(tail);
  tail.start();
  /** All that was read; "|" where a file began anew. */
  const read = () => Buffer.concat(chunks).toString();
  return {
    tail,
    read,
    problems,
    until: (text: string) =>
      until(() => read() === text, { what: () => `${text.slice(-200)}, read ${read().slice(-200)}` }),
    /** The tail has seen the file as it is now. */
    seen: async () => {
      const before = pauses;
      await until(() => pauses >= before + 2);
    },
  };
}

/** A line of its own for every number, a hundred bytes long. */
const line = (number: number): string => `${`line ${number} `.padEnd(99, "-")}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join("");

describe("a file", () => {
  test("is read from its beginning, and on as it grows", async () => {
    writeFileSync(path, "old\n");
    const log = follow();
    await log.until("|old\n");
    appendFileSync(path, "new ");
    await log.until("|old\nnew ");
    appendFileSync(path, "and newer\n");
    await log.until("|old\nnew and newer\n");
    expect(log.problems).toEqual([]);
  });

  test("is waited for, which is said once", async () => {
    const log = follow();
    await log.seen();
    expect(log.problems).toEqual([`${path} does not exist yet`]);
    writeFileSync(path, "there\n");
    await log.until("|there\n");
    expect(log.problems).toEqual([`${path} does not exist yet`, undefined]);
  });

  test("is waited for where its folder does not exist yet", async () => {
    path = join(folder, "deep", "model.log");
    const log = follow();
    await log.seen();
    mkdirSync(join(folder, "deep"));
    writeFileSync(path, "there\n");
    await log.until("|there\n");
  });

  test("is waited for while a directory is in its place", async () => {
    mkdirSync(path);
    const log = follow();
    await log.seen();
    expect(log.problems).toEqual([`${path} is a directory, not a log file`]);
    rmdirSync(path);
    writeFileSync(path, "there\n");
    await log.until("|there\n");
    expect(log.problems.at(-1)).toBeUndefined();
  });

  test("is read on when a directory takes its place for a while", async () => {
    writeFileSync(path, "one\n");
    const log = follow();
    await log.until("|one\n");
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    appendFileSync(`${path}.1`, "two\n");
    await log.until("|one\ntwo\n");
    rmdirSync(path);
    writeFileSync(path, "three\n");
    await log.until("|one\ntwo\n|three\n");
  });

  test("is read whole, whatever its bytes are", async () => {
    const bytes = Buffer.alloc(1_200_000, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));
    writeFileSync(path, bytes);
    const log = follow();
    await log.until(`|${bytes.toString()}`);
  });

  test("is let go of on stop", async () => {
    writeFileSync(path, "one\n");
    const log = follow();
    await log.until("|one\n");
    await log.tail.stop();
    appendFileSync(path, "two\n");
    const next = follow();
    await next.until("|one\ntwo\n");
    expect(log.read()).toBe("|one\n");
  });
});

describe("rotation by rename", () => {
  test("loses nothing that is written to the old file before the new one is used", async () => {
    writeFileSync(path, "one\n");
    const log = follow();
    await log.until("|one\n");
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, "two\n");
    await log.until("|one\ntwo\n");
    writeFileSync(path, "");
    await log.seen();
    appendFileSync(`${path}.1`, "three\n");
    await log.until("|one\ntwo\nthree\n");
    appendFileSync(`${path}.1`, "four\n");
    appendFileSync(path, "five\n");
    await log.until("|one\ntwo\nthree\nfour\n|five\n");
    renameSync(path, `${path}.2`);
    writeFileSync(path, "six\n");
    await log.until("|one\ntwo\nthree\nfour\n|five\n|six\n");
  });

  test("reads a new file that says the same as the old one", async () => {
    writeFileSync(path, "loading\nready\n");
    const log = follow();
    await log.until("|loading\nready\n");
    renameSync(path, `${path}.1`);
    writeFileSync(path, "loading\nready\nserving\n");
    await log.until("|loading\nready\n|loading\nready\nserving\n");
  });

  test("reads a new file after the old one was deleted", async () => {
    writeFileSync(path, "one\n");
    const log = follow();
    await log.until("|one\n");
    rmSync(path);
    await log.seen();
    writeFileSync(path, "one\ntwo\n");
    await log.until("|one\n|one\ntwo\n");
  });
});

describe("truncation in place", () => {
  test.each([
    ["shorter", "new\n"],
    ["as long", "was old\n"],
    ["longer than it was", "quite new, and a good deal longer\n"],
    ["longer, and begins alike", "old one\nold two\nold three\n"],
  ])("is noticed when the file is %s", async (_what, text) => {
    writeFileSync(path, "old one\n");
    const log = follow();
    await log.until("|old one\n");
    if (text.startsWith("old one")) {
      truncateSync(path);
      await log.seen();
    }
    writeFileSync(path, text);
    await log.until(`|old one\n|${text}`);
  });

  test("is noticed when a long file has grown beyond its old length", async () => {
    writeFileSync(path, lines(0, 2000));
    const log = follow();
    await log.until(`|${lines(0, 2000)}`);
    writeFileSync(path, lines(5000, 8000));
    await log.until(`|${lines(0, 2000)}|${lines(5000, 8000)}`);
  });

  test("at every boot reads the same log again", async () => {
    const log = follow();
    let expected = "";
    for (let boot = 0; boot < 3; boot += 1) {
      writeFileSync(path, "");
      await log.seen();
      appendFileSync(path, "loading\n");
      appendFileSync(path, "ready\n");
      expected += "|loading\nready\n";
      await log.until(boot === 0 ? "|loading\nready\n" : expected);
    }
  });
});

describe("a file that is replaced by its own tail", () => {
  test("by rename, again and again, is read on behind it", async () => {
    writeFileSync(path, lines(0, 1000));
    const log = follow();
    for (let round = 1; round <= 5; round += 1) {
      await log.until(`|${lines(0, round * 1000)}`);
      writeFileSync(`${path}.tmp`, readFileSync(path).subarray(-20_050));
      appendFileSync(`${path}.tmp`, line(round * 1000));
      renameSync(`${path}.tmp`, path);
      appendFileSync(path, lines(round * 1000 + 1, (round + 1) * 1000));
    }
    await log.until(`|${lines(0, 6000)}`);
  });

  test("while a line is half written, keeps that line whole", async () => {
    writeFileSync(path, `${lines(0, 1000)}Application star`);
    const log = follow();
    await log.until(`|${lines(0, 1000)}Application star`);
    writeFileSync(`${path}.tmp`, readFileSync(path).subarray(-20_000));
    renameSync(`${path}.tmp`, path);
    appendFileSync(path, "tup complete.\n");
    await log.until(`|${lines(0, 1000)}Application startup complete.\n`);
  });

  test("in place, which leaves it empty and then half written, is read on behind it", async () => {
    writeFileSync(path, lines(0, 2000));
    const log = follow();
    await log.until(`|${lines(0, 2000)}`);
    const tail = readFileSync(path).subarray(-100_000);
    truncateSync(path);
    await log.seen();
    for (let at = 0; at < tail.length; at += 25_000) {
      appendFileSync(path, tail.subarray(at, at + 25_000));
    }
    appendFileSync(path, line(2000));
    await log.until(`|${lines(0, 2001)}`);
  });

  test("is not waited for where it is another file", async () => {
    writeFileSync(path, lines(0, 2000));
    const log = follow();
    await log.until(`|${lines(0, 2000)}`);
    writeFileSync(path, "");
    await log.seen();
    appendFileSync(path, "loading\n");
    await log.until(`|${lines(0, 2000)}|loading\n`);
  });
});

describe("with the rules", () => {
  const actions = { onLoad: ["ready №"], onError: ["error №"] };

  function match() {
    const events: string[] = [];
    const tail = createLogTail({
      path,
      sink: new LogMatcher(actions, ({ line: text }) => events.push(text)),
      onProblem: () => {},
      pollMilliseconds: 1,
    });
    started.push(tail);
    tail.start();
    return events;
  }

  test.each([1, 2, 3])(
    "no match is lost or doubled, whatever is done to the file (%d)",
    async (seed) => {
      const random = seededRandom(seed);
      const events = match();
      const said: string[] = [];
      let filled = 0;
      const fill = () => {
        filled += 300;
        return lines(filled - 300, filled);
      };
      const write = () => {
        const text = `${said.length} ${pick(random, ["ready", "error"])} №`;
        said.push(text);
        // In parts that may end within a pattern or a character.
        const bytes = Buffer.from(`${text}\n${random() < 0.5 ? "filler\r\n" : fill()}`);
        const cut = Math.floor(random() * 20);
        appendFileSync(path, bytes.subarray(0, cut));
        appendFileSync(path, bytes.subarray(cut));
      };
      const settled = () =>
        until(() => events.length === said.length, {
          what: () => `${said.length} matches, found ${events.length}: ${events.slice(-4)}`,
        });
      const replaceByTail = () => {
        writeFileSync(`${path}.tmp`, readFileSync(path).subarray(-30_000));
        renameSync(`${path}.tmp`, path);
      };
      const replaced: [() => void, ...(() => void)[]] = [
        () => renameSync(path, `${path}.${said.length}`),
        () => truncateSync(path),
        () => rmSync(path),
        // A short file that shows the same again is a restart, not a tail.
        () => readFileSync(path).length > 100_000 && replaceByTail(),
        () => readFileSync(path).length > 100_000 && replaceByTail(),
      ];
      for (let round = 0; round < 40; round += 1) {
        for (let count = random() * 6; count > 0; count -= 1) {
          write();
        }
        // A truncation loses what was not read yet, and a file that comes and goes between two polls can't be seen.
        await settled();
        pick(random, replaced)();
      }
      write();
      await settled();
      expect(events).toEqual(said);
    },
    30_000,
  );

  test("every match is found in 100 MB that come at once", async () => {
    const events = match();
    const block = lines(0, 100_000);
    for (let count = 0; count < 10; count += 1) {
      appendFileSync(path, `${block}ready № ${count}\n`);
    }
    await until(() => events.length === 10, { timeoutMs: 20_000 });
    expect(events).toEqual(Array.from({ length: 10 }, (_, count) => `ready № ${count}`));
  }, 30_000);
});
