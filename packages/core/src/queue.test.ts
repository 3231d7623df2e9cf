import { expect, test } from "@jest/globals";
import { Queue } from "./queue.ts";

test("gives the oldest first and keeps what is not dropped", () => {
  const queue = new Queue<number>();
  for (const item of [1, 2, 3, 4]) {
    queue.push(item);
  }
  expect(queue.first(2)).toEqual([1, 2]);
  expect(queue.size).toBe(4);
  queue.drop(1);
  expect(queue.first(9)).toEqual([2, 3, 4]);
  queue.drop(2);
  queue.push(5);
  expect(queue.first(9)).toEqual([4, 5]);
  queue.drop(9);
  expect(queue.size).toBe(0);
  expect(queue.first(1)).toEqual([]);
});

test("holds a window over many items as it moves on, in order", () => {
  const queue = new Queue<number>();
  for (let item = 0; item < 1000; item += 1) {
    queue.push(item);
    if (queue.size > 10) {
      queue.drop(1);
    }
    expect(queue.first(1)).toEqual([Math.max(0, item - 9)]);
  }
  expect(queue.first(10)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
});
