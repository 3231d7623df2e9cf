import { describe, expect, test } from "@jest/globals";
import { manualClock } from "@pyworker/testing";
import { parseJson } from "./json.ts";
import { Ledger } from "./ledger.ts";
import { type NewSession, SessionStore } from "./sessions.ts";

const auth = { cost: "50", url: "http://1.2.3.4:40123", request_idx: 7, nested: { a: [1, "x"] } };
const newSession: NewSession = {
  auth,
  authData: { cost: 50, endpoint: "e", reqnum: 1, requestIdx: 7, signature: "", url: auth.url },
  lifetime: 60,
  onCloseRoute: null,
  onCloseUrl: undefined,
  onClosePayload: null,
};

interface Call {
  url: string;
  body: Record<string, unknown>;
  answer(): void;
  fail(): void;
}

function setUp(limit: number | null = 10) {
  const clock = manualClock();
  const ledger = new Ledger(clock, () => {});
  const calls: Call[] = [];
  const closed: number[] = [];
  const sessions = new SessionStore({
    clock,
    ledger,
    limit,
    onClosed: (workload) => closed.push(workload),
    callClose: (url, body) =>
      new Promise((resolve, reject) => calls.push({ url, body, answer: resolve, fail: () => reject(new Error("no")) })),
  });
  const create = (fields: Partial<NewSession> = {}) => {
    const session = sessions.create({ ...newSession, ...fields });
    if (session === undefined) {
      throw new Error("expected a session");
    }
    return session;
  };
  return { calls, clock, closed, create, ledger, sessions };
}

const withCallback = { onCloseRoute: "/done", onCloseUrl: "http://model/done" };

describe("a session", () => {
  test("has an id that nobody can guess", () => {
    const { create } = setUp(null);
    const ids = Array.from({ length: 500 }, () => create().id);
    expect(new Set(ids).size).toBe(500);
    expect(ids.filter((id) => !/^[A-Za-z0-9]{13}$/.test(id))).toEqual([]);
    // All 62 characters, or the source is none to trust.
    expect(new Set(ids.join("")).size).toBe(62);
  });

  test("knows when it was made, and when it ends", () => {
    const { clock, create, sessions } = setUp();
    clock.advance(5000);
    const session = create();
    expect(session).toMatchObject({ createdAt: 5, expiration: 65, lifetime: 60, auth });
    expect(sessions.get(session.id)).toBe(session);
    expect(sessions.size).toBe(1);
  });

  test("lives a lifetime longer with every request", () => {
    const { create, sessions } = setUp();
    const session = create();
    sessions.extend(session);
    sessions.extend(session);
    expect(session.expiration).toBe(180);
  });

  test("counts as one request of its cost until it is closed, then as served", async () => {
    const { create, ledger, sessions } = setUp();
    const { id } = create();
    expect(ledger.load).toBe(50);
    expect(ledger.queuedWorkload).toBe(0);
    expect(ledger.workingRequestIndexes()).toEqual([7]);
    await sessions.close(id);
    expect(ledger.load).toBe(0);
    expect(ledger.interval()).toEqual({ received: 50, served: 50, rejected: 0 });
    expect(ledger.deletions(9)).toMatchObject([{ requestIdx: 7, status: "Success" }]);
  });

  test.each([
    ["the same", auth, true],
    ["the same in another order", { nested: { a: [1, "x"] }, request_idx: 7, url: auth.url, cost: "50" }, true],
    ["another number", { ...auth, request_idx: 8 }, false],
    ["a number for a text", { ...auth, cost: 50 }, false],
    ["one more field", { ...auth, extra: 1 }, false],
    ["one field fewer", { cost: "50", url: auth.url, request_idx: 7 }, false],
    ["another nested value", { ...auth, nested: { a: [1, "y"] } }, false],
    ["nothing", undefined, false],
    ["null", null, false],
    ["a text", JSON.stringify(auth), false],
    ["an empty object", {}, false],
  ])("belongs to who sends %s", (_what, other, isOwn) => {
    const { create, sessions } = setUp();
    expect(sessions.matches(create(), other)).toBe(isOwn);
  });

  test("tells 64-bit numbers apart", () => {
    const { create, sessions } = setUp();
    const session = create({ auth: parseJson('{"n":9007199254740993}') });
    expect(sessions.matches(session, parseJson('{"n":9007199254740993}'))).toBe(true);
    expect(sessions.matches(session, parseJson('{"n":9007199254740992}'))).toBe(false);
  });
});

describe("the limit", () => {
  test("refuses one more, books nothing for it, and lets another in when one has closed", async () => {
    const { create, ledger, sessions } = setUp(2);
    const { id } = create();
    create();
    expect(sessions.create(newSession)).toBeUndefined();
    expect(ledger.load).toBe(100);
    expect(ledger.workingRequestIndexes()).toHaveLength(2);
    await sessions.close(id);
    expect(sessions.create(newSession)).toBeDefined();
  });

  test.each([0, null])("is none where it is %p", (limit) => {
    const { create, sessions } = setUp(limit);
    for (let count = 0; count < 50; count += 1) {
      create();
    }
    expect(sessions.size).toBe(50);
  });
});

describe("closing", () => {
  test("aborts what runs in the session, and nothing else", async () => {
    const { create, sessions } = setUp();
    const [session, other] = [create(), create()];
    const [running, ended, foreign] = [new AbortController(), new AbortController(), new AbortController()];
    sessions.track(session, running);
    sessions.track(session, ended);
    sessions.track(other, foreign);
    sessions.untrack(session, ended);
    await sessions.close(session.id);
    expect(running.signal.reason).toMatchObject({ code: "invalid_session" });
    expect(ended.signal.aborted).toBe(false);
    expect(foreign.signal.aborted).toBe(false);
    sessions.untrack(session, running);
    expect(sessions.get(session.id)).toBeUndefined();
  });

  test.each([
    [{ job: 1 }, { job: 1 }],
    [null, {}],
    [undefined, {}],
    ["text", { payload: "text" }],
    [[1], { payload: [1] }],
    [{ session_id: "another" }, {}],
  ])("tells the client's service, with its payload %j and the id", async (onClosePayload, sent) => {
    const { calls, create, sessions } = setUp();
    const { id } = create({ ...withCallback, onClosePayload });
    const closed = sessions.close(id);
    expect(calls).toMatchObject([{ url: "http://model/done", body: { ...sent, session_id: id } }]);
    expect(Object.keys(calls[0]?.body ?? {})).toHaveLength(Object.keys(sent).length + 1);
    calls[0]?.answer();
    await closed;
  });

  test("tells nobody where nobody asked for it", async () => {
    const { calls, create, sessions } = setUp();
    await sessions.close(create({ onClosePayload: { a: 1 } }).id);
    expect(calls).toEqual([]);
  });

  test("is over for the books when the call is, however that ends", async () => {
    const { calls, create, ledger, sessions } = setUp();
    const { id } = create(withCallback);
    const closed = sessions.close(id);
    expect(ledger.load).toBe(50);
    calls[0]?.fail();
    await closed;
    expect(ledger.load).toBe(0);
    expect(ledger.interval().served).toBe(50);
  });

  test("twice is done once, and both wait for it", async () => {
    const { calls, create, ledger, sessions } = setUp();
    const { id } = create(withCallback);
    const order: string[] = [];
    const first = sessions.close(id).then(() => order.push("first"));
    expect(sessions.isClosing(id)).toBe(true);
    expect(sessions.get(id)).toBeUndefined();
    const second = sessions.close(id).then(() => order.push("second"));
    calls[0]?.answer();
    await Promise.all([first, second]);
    expect(calls).toHaveLength(1);
    expect(ledger.pendingDeletions).toBe(1);
    expect(order.sort()).toEqual(["first", "second"]);
    expect(sessions.isClosing(id)).toBe(false);
    await sessions.close(id);
    await sessions.close("unknown");
    expect(ledger.pendingDeletions).toBe(1);
  });

  test("leaves room for another session at once, though the call takes its time", () => {
    const { create, sessions } = setUp(1);
    const { id } = create(withCallback);
    void sessions.close(id);
    expect(sessions.create(newSession)).toBeDefined();
  });
});

describe("the sweep", () => {
  test("closes what has expired, every five seconds", () => {
    const { calls, clock, create, sessions } = setUp();
    sessions.start();
    const short = create({ ...withCallback, lifetime: 10 });
    const extended = create({ lifetime: 7 });
    sessions.extend(extended);
    const long = create({ lifetime: 60 });
    clock.advance(9999);
    expect(sessions.get(short.id)).toBe(short);
    clock.advance(1);
    expect(sessions.get(short.id)).toBeUndefined();
    expect(calls).toHaveLength(1);
    expect(sessions.get(extended.id)).toBe(extended);
    clock.advance(5000);
    expect(sessions.get(extended.id)).toBeUndefined();
    clock.advance(40_000);
    expect(sessions.get(long.id)).toBe(long);
    clock.advance(10_000);
    expect(sessions.size).toBe(0);
  });

  test("does not wait for one call before the next", () => {
    const { calls, clock, create, sessions } = setUp();
    sessions.start();
    for (let count = 0; count < 5; count += 1) {
      create({ ...withCallback, lifetime: 1 });
    }
    clock.advance(5000);
    expect(calls).toHaveLength(5);
  });

  test("survives a call that fails", async () => {
    const { calls, clock, create, sessions } = setUp();
    sessions.start();
    create({ ...withCallback, lifetime: 1 });
    clock.advance(5000);
    calls[0]?.fail();
    await new Promise(setImmediate);
    create({ ...withCallback, lifetime: 1 });
    clock.advance(5000);
    expect(calls).toHaveLength(2);
  });
});

describe("stop", () => {
  test("closes every session, waits for those that are closing, and sweeps no more", async () => {
    const { calls, clock, closed, create, ledger, sessions } = setUp();
    sessions.start();
    const first = create(withCallback);
    create(withCallback);
    void sessions.close(first.id);
    let isStopped = false;
    const stopped = sessions.stop().then(() => {
      isStopped = true;
    });
    expect(calls).toHaveLength(2);
    calls[1]?.answer();
    await new Promise(setImmediate);
    expect(isStopped).toBe(false);
    expect(closed).toHaveLength(1);
    calls[0]?.answer();
    await stopped;
    expect(closed).toHaveLength(2);
    expect(sessions.size).toBe(0);
    expect(ledger.load).toBe(0);
    expect(clock.waiting).toBe(0);
  });
});
