import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { readEvents } from "./read-events.ts";

const stream = 'data: {"a":"ü"}\n\n: keep-alive\n\nevent: x\r\ndata: one\r\ndata:two\r\n\r\ndata: unfinished';

test.each([1, 2, 3, 7, 1000])("reads events in pieces of %i bytes", async (size) => {
  const bytes = Buffer.from(stream);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  expect(await Readable.from(readEvents(Readable.from(pieces))).toArray()).toEqual(['{"a":"ü"}', "one\ntwo"]);
});
