import { expect, test } from "@jest/globals";
import { parseSocketMessage } from "./socket-message.ts";

const parse = (message: unknown) => parseSocketMessage(Buffer.from(JSON.stringify(message)), false);

function frame(type: number, second: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(type, 0);
  head.writeUInt32BE(second, 4);
  return Buffer.concat([head, rest]);
}

test("reads the end of a prompt", () => {
  expect(parse({ type: "executing", data: { node: null, prompt_id: "p" } })).toEqual({
    type: "executing",
    promptId: "p",
    nodeId: null,
    displayId: null,
  });
});

test("reads a node that stands for another of the workflow", () => {
  expect(parse({ type: "executing", data: { node: "5.0.1", display_node: "5", prompt_id: "p" } })).toMatchObject({
    nodeId: "5.0.1",
    displayId: "5",
  });
  const running = { value: 3, max: 20, state: "running", node_id: "5.0.1", display_node_id: "5", prompt_id: "p" };
  expect(parse({ type: "progress_state", data: { prompt_id: "p", nodes: { "5.0.1": running } } })).toEqual({
    type: "progress_state",
    promptId: "p",
    nodes: [{ nodeId: "5.0.1", displayId: "5", value: 3, max: 20, state: "running" }],
  });
});

test.each([
  ["what reconnecting brings, which doesn't say of which prompt", { type: "executing", data: { node: "3" } }],
  ["an event of an extension", { type: "crystools.monitor", data: {} }],
  ["a progress without a node", { type: "progress", data: { value: 1, max: 2, prompt_id: "p", node: null } }],
  ["no object", 7],
])("ignores %s", (_name, message) => {
  expect(parse(message)).toBeUndefined();
});

test("ignores what is no JSON", () => {
  expect(parseSocketMessage(Buffer.from("{"), false)).toBeUndefined();
});

test("reads a preview", () => {
  const data = Buffer.from("jpeg");
  expect(parseSocketMessage(frame(1, 1, data), true)).toEqual({
    type: "preview",
    promptId: undefined,
    nodeId: undefined,
    mimetype: "image/jpeg",
    data,
  });
  expect(parseSocketMessage(frame(1, 2, data), true)).toMatchObject({ mimetype: "image/png" });
});

test("reads a preview that says what it is of", () => {
  const metadata = JSON.stringify({ node_id: "5.0.1", display_node_id: "5", prompt_id: "p", image_type: "image/png" });
  const rest = Buffer.concat([Buffer.from(metadata), Buffer.from("png")]);
  expect(parseSocketMessage(frame(4, metadata.length, rest), true)).toEqual({
    type: "preview",
    promptId: "p",
    nodeId: "5",
    mimetype: "image/png",
    data: Buffer.from("png"),
  });
});

test.each([
  ["too short", Buffer.from([0, 0, 0, 1])],
  ["an unknown kind of image", frame(1, 9, Buffer.from("x"))],
  ["a text", frame(3, 1, Buffer.from("4hello"))],
  ["metadata longer than the frame", frame(4, 1000, Buffer.from("{}"))],
  ["metadata that is no JSON", frame(4, 2, Buffer.from("{{png"))],
])("ignores a binary frame that is %s", (_name, binary) => {
  expect(parseSocketMessage(binary, true)).toBeUndefined();
});
