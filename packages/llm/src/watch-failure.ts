import type { ResponseWatcher } from "@pyworker/core";
import { type AnswerFormat, errorMark } from "./answer-format.ts";
import { type AnswerReader, createEventStream, isEventStream, parseEvent, passAll } from "./event-stream.ts";

/** Tells of an answer that has failed although its status was 200, and of nothing else. */
export function watchFailure({ errorOf }: AnswerFormat, fail: (reason: string) => void): ResponseWatcher {
  let reader: AnswerReader = passAll;
  const onEvent = (event: Buffer | undefined): boolean => {
    const failure = event?.includes(errorMark) ? errorOf(parseEvent(event)) : undefined;
    if (failure !== undefined) {
      fail(failure);
    }
    return false;
  };
  return {
    rewrites: false,
    head: (_status, headers) => {
      reader = isEventStream(headers) ? createEventStream({ strips: false, onEvent }) : passAll;
    },
    chunk: (chunk) => reader.push(chunk),
    end: () => reader.end(),
  };
}
