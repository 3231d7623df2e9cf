import { expect, test } from "@jest/globals";
import type { Job } from "./job.ts";
import { createJobStore } from "./job-store.ts";

interface Bounds {
  keepJobs?: number;
  keepCharacters?: number;
}

/** A store that keeps jobs for ten seconds, and a clock for it. */
function createStore(bounds: Bounds = {}) {
  const clock = { time: 0 };
  const store = createJobStore({ keepSeconds: 10, now: () => clock.time, ...bounds });
  /** Runs a job to its end, with so much base64 in its outcome. */
  const run = async (id: string, characters = 0): Promise<Job> => {
    const job = store.add(id);
    if (job === undefined) {
      throw new Error(`${id} is under way`);
    }
    await end(job, characters);
    return job;
  };
  return { clock, run, store };
}

async function end(job: Job, characters = 0): Promise<void> {
  const file = { filename: "a", local_path: "", type: "output", subfolder: "", node_id: "1", output_type: "images" };
  const output = [{ ...file, data: "a".repeat(characters) }];
  job.end({ status: 200, result: { ...job.result, status: "completed", output } });
  await job.ended;
}

const found = (store: ReturnType<typeof createStore>["store"], ids: string) =>
  [...ids].filter((id) => store.find(id) !== undefined).join("");

test("knows a job while it is under way and after it has ended", async () => {
  const { run, store } = createStore();
  const job = store.add("a");
  expect(job && store.find("a")).toBe(job);
  expect(store.find("b")).toBeUndefined();
  const ended = await run("b");
  expect(store.find("b")).toBe(ended);
  expect(store.underWay).toBe(1);
});

test("counts those that came before", async () => {
  const { store } = createStore();
  const [first, second, third] = ["a", "b", "c"].map((id) => store.add(id));
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error("a job was refused");
  }
  expect([first, second, third].map(store.ahead)).toEqual([0, 1, 2]);
  await end(first);
  expect([store.ahead(second), store.ahead(third), store.underWay]).toEqual([0, 1, 2]);
});

test("takes no second job of an id that is under way, and forgets what has ended under it", async () => {
  const { run, store } = createStore();
  store.add("a");
  expect(store.add("a")).toBeUndefined();
  const old = await run("b");
  const again = store.add("b");
  expect(again).toBeDefined();
  expect(again).not.toBe(old);
  expect(store.find("b")).toBe(again);
});

test("keeps an outcome for its time, from the end on", async () => {
  const { clock, run, store } = createStore();
  const long = store.add("a");
  clock.time = 60_000;
  await (long && end(long));
  clock.time = 65_000;
  await run("b");
  clock.time = 69_999;
  expect(found(store, "ab")).toBe("ab");
  clock.time = 70_000;
  expect(found(store, "ab")).toBe("b");
  clock.time = 75_000;
  expect(found(store, "ab")).toBe("");
});

test("keeps no more outcomes than it may, and forgets those first that ended first", async () => {
  const { run, store } = createStore({ keepJobs: 2 });
  const slow = store.add("a");
  await run("b");
  await run("c");
  await (slow && end(slow));
  expect(found(store, "abc")).toBe("ac");
});

test("keeps no more base64 than it may, and counts what it has forgotten no longer", async () => {
  const { run, store } = createStore({ keepCharacters: 100 });
  await run("a", 40);
  await run("b", 60);
  expect(found(store, "ab")).toBe("ab");
  await run("c", 1);
  expect(found(store, "abc")).toBe("bc");
  // The same id again: its old outcome makes room.
  await run("b", 90);
  expect(found(store, "abc")).toBe("bc");
  await run("d", 101);
  expect(found(store, "abcd")).toBe("");
});
