import { describe, expect, test } from "@jest/globals";
import { manualClock, pick, seededRandom } from "@pyworker/testing";
import { Ledger, type LedgerEntry, type LedgerRequest, type Outcome } from "./ledger.ts";

const outcomes: [Outcome, ...Outcome[]] = ["Success", "Error", "Cancelled", "Rejected"];
const none = { received: 0, served: 0, rejected: 0 };

function setUp() {
  const clock = manualClock();
  let changes = 0;
  const ledger = new Ledger(clock, () => {
    changes += 1;
  });
  let reqnum = 0;
  const request = (workload: number, fields: Partial<LedgerRequest> = {}): LedgerRequest => {
    reqnum += 1;
    return { requestIdx: 1000 + reqnum, reqnum, workload, kind: "request", ...fields };
  };
  const open = (workload: number, fields: Partial<LedgerRequest> = {}) => ledger.open(request(workload, fields));
  return { clock, ledger, open, request, changes: () => changes };
}

describe("Ledger", () => {
  test.each([
    ["Success", { received: 8, served: 8, rejected: 0 }],
    ["Error", { received: 8, served: 0, rejected: 0 }],
    ["Cancelled", { received: 0, served: 0, rejected: 0 }],
    ["Rejected", { received: 0, served: 0, rejected: 8 }],
  ] as const)("books a request that ends as %s", (outcome, interval) => {
    const { ledger, open } = setUp();
    const entry = open(8);
    expect(ledger.load).toBe(8);
    expect(ledger.queuedWorkload).toBe(8);
    ledger.close(entry, outcome);
    expect(ledger.load).toBe(0);
    expect(ledger.queuedWorkload).toBe(0);
    expect(ledger.interval()).toEqual(interval);
    expect(ledger.deletions(10)).toMatchObject([{ requestIdx: entry.requestIdx, status: outcome }]);
  });

  test("books a refusal as rejected, and never as load", () => {
    const { clock, ledger, request } = setUp();
    clock.advance(5000);
    ledger.reject(request(8));
    expect(ledger.load).toBe(0);
    expect(ledger.interval()).toEqual({ received: 0, served: 0, rejected: 8 });
    expect(ledger.deletions(10)).toEqual([
      { requestIdx: 1001, status: "Rejected", enteredAt: 5, startedAt: 0, completedAt: 5 },
    ]);
  });

  test("tells when a request came, started and ended", () => {
    const { clock, ledger, open } = setUp();
    clock.advance(1000);
    const entry = open(1);
    clock.advance(2000);
    ledger.start(entry);
    clock.advance(4000);
    ledger.close(entry, "Success");
    expect(ledger.deletions(1)).toMatchObject([{ enteredAt: 1, startedAt: 3, completedAt: 7 }]);
  });

  test("books the end of a request once, however often it is told", () => {
    const { ledger, open } = setUp();
    const entry = open(8);
    ledger.close(entry, "Success");
    ledger.close(entry, "Error");
    ledger.close(entry, "Cancelled");
    expect(ledger.interval()).toEqual({ received: 8, served: 8, rejected: 0 });
    expect(ledger.pendingDeletions).toBe(1);
  });

  test("settles the true cost once, and takes out what it put in", () => {
    const { ledger, open } = setUp();
    const entry = open(100);
    open(1);
    ledger.settle(entry, 40);
    ledger.settle(entry, 40);
    expect(ledger.load).toBe(41);
    ledger.close(entry, "Success");
    ledger.settle(entry, 1000);
    expect(ledger.load).toBe(1);
    expect(ledger.interval()).toEqual({ received: 41, served: 40, rejected: 0 });
  });

  test("counts as load what remains, and books the whole workload in the end", () => {
    const { changes, ledger, open } = setUp();
    const entry = open(100);
    open(1);
    ledger.progress(entry, 30);
    expect([ledger.load, ledger.queuedWorkload]).toEqual([31, 31]);
    expect(ledger.interval()).toEqual({ received: 101, served: 0, rejected: 0 });
    ledger.close(entry, "Success");
    ledger.progress(entry, 50);
    expect([ledger.load, ledger.queuedWorkload]).toEqual([1, 1]);
    expect(ledger.interval()).toEqual({ received: 101, served: 100, rejected: 0 });
    expect(changes()).toBe(4);
  });

  test.each([
    { settled: 120, remaining: 50 },
    { settled: 80, remaining: 10 },
    { settled: 40, remaining: 0 },
  ])("leaves done what is done when 100, of which 30 remain, settle at $settled", ({ settled, remaining }) => {
    const { ledger, open } = setUp();
    const entry = open(100);
    ledger.progress(entry, 30);
    ledger.settle(entry, settled);
    expect(ledger.load).toBe(remaining);
    ledger.close(entry, "Success");
    expect(ledger.load).toBe(0);
    expect(ledger.interval()).toEqual({ received: settled, served: settled, rejected: 0 });
  });

  test.each([
    [500, 100],
    [-5, 0],
    [Number.NaN, 60],
    [Number.POSITIVE_INFINITY, 60],
  ])("takes %p as what remains of 100 for %p, where it was 60", (told, remaining) => {
    const { ledger, open } = setUp();
    const entry = open(100);
    ledger.progress(entry, 60);
    ledger.progress(entry, told);
    expect(ledger.load).toBe(remaining);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("keeps the estimate where the true cost is %p", (cost) => {
    const { ledger, open } = setUp();
    const entry = open(100);
    ledger.settle(entry, cost);
    ledger.close(entry, "Success");
    expect(ledger.interval()).toEqual({ received: 100, served: 100, rejected: 0 });
  });

  test("stays finite where a client claims the largest cost there is", () => {
    const { ledger, open, request } = setUp();
    const entries = Array.from({ length: 5 }, () => open(Number.MAX_VALUE, { kind: "session" }));
    ledger.reject(request(Number.MAX_VALUE));
    ledger.reject(request(Number.MAX_VALUE));
    const settled = open(1);
    ledger.settle(settled, Number.MAX_VALUE);
    for (const sum of [ledger.load, ledger.queuedWorkload, ...Object.values(ledger.interval())]) {
      expect(sum).toBeLessThan(1e15);
    }
    for (const entry of [...entries, settled]) {
      ledger.close(entry, "Cancelled");
    }
    open(7);
    expect(ledger.load).toBe(7);
    expect(ledger.interval().received).toBe(7);
  });

  test("never falls below 0, though sums of fractions drift", () => {
    const { ledger, open } = setUp();
    const [first, second] = [open(0.7), open(0.1)];
    // What is open keeps the sums from being set to 0.
    open(0);
    ledger.close(first, "Success");
    ledger.close(second, "Success");
    expect(0.7 + 0.1 - 0.7 - 0.1).toBeLessThan(0);
    expect(ledger.load).toBe(0);
    expect(ledger.queuedWorkload).toBe(0);
  });

  test("carries a surplus of cancellations over to the next report", () => {
    const { ledger, open } = setUp();
    const entry = open(10);
    ledger.accept(ledger.interval());
    ledger.close(entry, "Cancelled");
    expect(ledger.interval().received).toBe(0);
    ledger.accept(ledger.interval());
    open(4);
    expect(ledger.interval().received).toBe(0);
    open(9);
    expect(ledger.interval().received).toBe(3);
  });

  test("leaves to the next report what happens while one is in flight", () => {
    const { ledger, open } = setUp();
    const first = open(10);
    const inFlight = ledger.interval();
    ledger.close(first, "Success");
    open(3);
    ledger.accept(inFlight);
    expect(ledger.interval()).toEqual({ received: 3, served: 10, rejected: 0 });
  });

  test("counts a session as one request that nobody waits behind", () => {
    const { ledger, open } = setUp();
    const session = open(50, { kind: "session" });
    expect(ledger.load).toBe(50);
    expect(ledger.queuedWorkload).toBe(0);
    expect(ledger.workingRequestIndexes()).toEqual([session.requestIdx]);
    expect(ledger.distinctReceived).toBe(1);
  });

  test("counts a request within a session as work, but not as a request", () => {
    const { ledger, open, request } = setUp();
    const entry = open(5, { kind: "in-session" });
    expect(ledger.load).toBe(5);
    expect(ledger.queuedWorkload).toBe(5);
    expect(ledger.workingRequestIndexes()).toEqual([]);
    ledger.close(entry, "Success");
    ledger.reject(request(2, { kind: "in-session" }));
    expect(ledger.interval()).toEqual({ received: 5, served: 5, rejected: 2 });
    expect(ledger.distinctReceived).toBe(0);
    expect(ledger.pendingDeletions).toBe(0);
  });

  test("counts a reqnum once, and requests that share one each for itself", () => {
    const { ledger, open } = setUp();
    const first = open(3, { reqnum: 7 });
    open(4, { reqnum: 7 });
    expect(ledger.distinctReceived).toBe(1);
    ledger.close(first, "Success");
    expect(ledger.load).toBe(4);
    expect(ledger.workingRequestIndexes()).toHaveLength(1);
  });

  test("remembers at least the last ten thousand reqnums, and not all of them for ever", () => {
    const { ledger, request } = setUp();
    for (let reqnum = 0; reqnum < 30_000; reqnum += 1) {
      ledger.reject(request(1, { reqnum }));
      ledger.reject(request(1, { reqnum: Math.max(0, reqnum - 9_999) }));
    }
    expect(ledger.distinctReceived).toBe(30_000);
    ledger.reject(request(1, { reqnum: 0 }));
    expect(ledger.distinctReceived).toBe(30_001);
  });

  test("says of every change that there is something to report", () => {
    const { changes, ledger, open, request } = setUp();
    const entry = open(1);
    ledger.settle(entry, 2);
    ledger.close(entry, "Success");
    ledger.reject(request(1));
    expect(changes()).toBe(4);
  });

  test.each([
    { weights: "that binary fractions hold exactly", weigh: (random: number) => Math.floor(random * 4096) / 8 },
    { weights: "of any size", weigh: (random: number) => random * 10 ** (random * 12 - 6) },
  ])("balances over 10 000 operations with weights $weights", ({ weights, weigh }) => {
    const random = seededRandom(weights.length);
    const { ledger, open, request } = setUp();
    const entries: LedgerEntry[] = [];
    const truth = { ...none, load: 0 };
    const reported = { ...none };
    let inFlight: typeof none | undefined;
    const close = (entry: LedgerEntry) => {
      const outcome = pick(random, outcomes);
      truth.load -= entry.remaining;
      truth.received -= outcome === "Cancelled" || outcome === "Rejected" ? entry.workload : 0;
      truth.served += outcome === "Success" ? entry.workload : 0;
      truth.rejected += outcome === "Rejected" ? entry.workload : 0;
      ledger.close(entry, outcome);
    };
    const add = (workload: number) => {
      truth.load += workload;
      truth.received += workload;
    };
    const report = () => {
      const interval = ledger.interval();
      for (const figure of [ledger.load, ledger.queuedWorkload, ...Object.values(interval)]) {
        expect(figure).toBeGreaterThanOrEqual(0);
      }
      return interval;
    };
    const accept = (interval: typeof none) => {
      ledger.accept(interval);
      reported.received += interval.received;
      reported.served += interval.served;
      reported.rejected += interval.rejected;
    };
    const operations: [() => void, ...(() => void)[]] = [
      () => {
        const workload = weigh(random());
        add(workload);
        entries.push(open(workload, { kind: pick(random, ["request", "session", "in-session"]) }));
      },
      () => entries.splice(Math.floor(random() * entries.length), 1).forEach(close),
      () => {
        const entry = entries[Math.floor(random() * entries.length)];
        const workload = weigh(random());
        if (entry) {
          const before = entry.remaining;
          truth.received += workload - entry.workload;
          ledger.settle(entry, workload);
          truth.load += entry.remaining - before;
        }
      },
      () => {
        const workload = weigh(random());
        truth.rejected += workload;
        ledger.reject(request(workload));
      },
      () => {
        const entry = entries[Math.floor(random() * entries.length)];
        if (entry) {
          const before = entry.remaining;
          ledger.progress(entry, entry.workload * (Math.floor(random() * 8) / 4 - 0.25));
          truth.load += entry.remaining - before;
        }
      },
      () => {
        inFlight ??= report();
      },
      () => {
        if (inFlight && random() < 0.5) {
          accept(inFlight);
        }
        inFlight = undefined;
      },
    ];
    for (let step = 0; step < 10_000; step += 1) {
      pick(random, operations)();
    }
    expect(ledger.load).toBeCloseTo(truth.load, 3);
    entries.forEach(close);
    expect(ledger.load).toBe(0);
    expect(ledger.queuedWorkload).toBe(0);
    // More than all cancellations carried over, so that `received` is above 0 again and all of it is reported.
    const last = open(2 ** 40);
    truth.received += last.workload;
    accept(report());
    if (weights.includes("exactly")) {
      expect(reported).toEqual({ received: truth.received, served: truth.served, rejected: truth.rejected });
    }
    expect(reported.received / truth.received).toBeCloseTo(1, 9);
    expect(reported.served / truth.served).toBeCloseTo(1, 9);
    expect(reported.rejected / truth.rejected).toBeCloseTo(1, 9);
  });
});

describe("deletions", () => {
  const indexes = (ledger: Ledger, limit: number) => ledger.deletions(limit).map(({ requestIdx }) => requestIdx);

  test("come oldest first, and stay until they are accepted", () => {
    const { ledger, request } = setUp();
    for (let count = 0; count < 5; count += 1) {
      ledger.reject(request(1));
    }
    const batch = ledger.deletions(2);
    expect(indexes(ledger, 2)).toEqual([1001, 1002]);
    ledger.reject(request(1));
    ledger.acceptDeletions(batch);
    ledger.acceptDeletions(batch);
    expect(indexes(ledger, 10)).toEqual([1003, 1004, 1005, 1006]);
  });

  test("are all kept while the engine is away for 100 000 of them", () => {
    const { ledger, request } = setUp();
    for (let count = 0; count < 100_000; count += 1) {
      ledger.reject(request(1));
    }
    expect(ledger.droppedDeletions).toBe(0);
    let accepted = 0;
    while (ledger.pendingDeletions > 0) {
      const batch = ledger.deletions(1000);
      accepted += batch.length;
      ledger.acceptDeletions(batch);
    }
    expect(accepted).toBe(100_000);
    expect(ledger.interval().rejected).toBe(100_000);
  });

  test("beyond a million drop the oldest, and a batch in flight takes no others with it", () => {
    const { ledger, request } = setUp();
    for (let count = 0; count < 1_000_000; count += 1) {
      ledger.reject(request(1));
    }
    const batch = ledger.deletions(1000);
    for (let count = 0; count < 300; count += 1) {
      ledger.reject(request(1));
    }
    expect(ledger.pendingDeletions).toBe(1_000_000);
    expect(ledger.droppedDeletions).toBe(300);
    ledger.acceptDeletions(batch);
    expect(ledger.pendingDeletions).toBe(999_300);
    expect(indexes(ledger, 1)).toEqual([2001]);
    const next = ledger.deletions(1000);
    for (let count = 0; count < 3000; count += 1) {
      ledger.reject(request(1));
    }
    ledger.acceptDeletions(next);
    expect(ledger.pendingDeletions).toBe(1_000_000);
    expect(indexes(ledger, 1)).toEqual([4301]);
  }, 30_000);
});
