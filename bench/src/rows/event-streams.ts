import { atLeast, atMost, compared, microseconds, perSecond } from "../line.ts";
import { signedBody } from "../load/bodies.ts";
import { readStreams } from "../load/streams.ts";
import { streamPath } from "../model/start-model.ts";
import { cpuSeconds } from "../process-usage.ts";
import type { Row } from "../row.ts";
import { sideBySide } from "../side-by-side.ts";

const row = "P3";
const what = "events of 128 streams, 200 each, one per 2 ms";
const streams = 128;
const events = 200;
/** How often all streams are read for one sample: a single time is over in half a second. */
const repeats = 3;

/** How many events pass in a second, and what one of them costs. */
export const eventStreams: Row = {
  row,
  what,
  measure: async (bench, stage) => {
    const { engine } = await stage.engine();
    const starts = {
      model: stage.model,
      ours: stage.constantWorker,
      vllm: stage.vllmStreamWorker,
      nginx: stage.unbufferedNginx,
      python: stage.pythonWorker,
    };
    const measured = await sideBySide(bench, starts, async ({ process, url }, name) => {
      const path = name === "vllm" ? "/v1/completions" : streamPath(events, 2);
      const before = cpuSeconds(process.pid);
      let seconds = 0;
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        const body = signedBody(engine, { prompt: "hello", stream: true, url });
        const read = await readStreams(url, { path, body, streams });
        if (read.events !== streams * events) {
          throw new Error(`${name} passed on ${read.events} of ${streams * events} events`);
        }
        seconds += read.seconds;
      }
      const all = repeats * streams * events;
      return { rate: all / seconds, cpu: ((cpuSeconds(process.pid) - before) / all) * 1_000_000 };
    });
    const rate = { row, what, format: perSecond, ours: measured.figures("ours", "rate") };
    const cpu = { row, what: "CPU of an event", format: microseconds, ours: measured.figures("ours", "cpu") };
    return [
      compared({ ...rate, peer: measured.peer("model", "rate") }),
      compared({ ...rate, peer: measured.peer("nginx", "rate"), goal: atLeast(0.85) }),
      compared({ ...rate, peer: measured.peer("python", "rate") }),
      compared({ ...rate, peer: measured.peer("vllm", "rate") }),
      compared({ ...cpu, peer: measured.peer("python", "cpu"), goal: atMost(0.5) }),
      compared({ ...cpu, peer: measured.peer("nginx", "cpu") }),
      compared({ ...cpu, peer: measured.peer("vllm", "cpu") }),
    ];
  },
};
