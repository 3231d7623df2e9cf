import { type Model, startModel } from "./start-model.ts";
import { startWorker, type WorkerSettings, type WorkerUnderTest } from "./start-worker.ts";

/** How the model deals with a request, by its payload's `kind`; any other is answered at once. */
export type Kind = "succeeds" | "fails" | "breaks" | "held" | "begun";

/** The worker with every feature, ready, before a model that does as each payload says. */
export interface Obedient {
  worker: WorkerUnderTest;
  model: Model;
  /** Payloads as they came. */
  seen: { kind?: Kind; id?: number }[];
  /** Answers all that is held, and ends all that has begun. */
  release(): void;
}

export async function startObedient(
  cleanUp: (stop: () => Promise<unknown>) => unknown,
  settings: WorkerSettings = {},
): Promise<Obedient> {
  const seen: Obedient["seen"] = [];
  const held: (() => void)[] = [];
  const model = await startModel(({ body }, response) => {
    const payload = JSON.parse(body.toString());
    seen.push(payload);
    if (payload.kind === "fails") {
      response.writeHead(500).end("{}");
    } else if (payload.kind === "breaks") {
      response.write("half an");
      setImmediate(() => response.destroy());
    } else if (payload.kind === "held" || payload.kind === "begun") {
      if (payload.kind === "begun") {
        response.write("first, then ");
      }
      held.push(() => response.end("done"));
    } else {
      response.end("done");
    }
  });
  cleanUp(() => model.stop());
  const worker = await startWorker({ program: "every-feature", modelUrl: model.url, ...settings });
  cleanUp(() => worker.stop());
  await worker.becomeReady();
  return {
    worker,
    model,
    seen,
    release: () => {
      for (const answer of held.splice(0)) {
        answer();
      }
    },
  };
}
