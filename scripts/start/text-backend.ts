import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ModelServer, VllmServerOptions } from "@pyworker/testing";
import type { Backend, Behind, Setup } from "./backend.ts";
import { readEvents } from "./read-events.ts";

/** How to ask for text, and what it comes in. */
export interface TextDefinition {
  startStandIn(options: VllmServerOptions): Promise<ModelServer>;
  /** The route to ask for text. */
  route: string;
  payload(prompt: string, model: string | undefined): object;
  /** The text in an event of the stream. */
  textOf(event: TextEvent): string | undefined;
}

interface TextEvent {
  choices?: { text?: string }[];
  token?: { text: string; special: boolean };
}

/** A backend that answers with text. */
export function textBackend({ payload, route, startStandIn, textOf }: TextDefinition): Backend {
  return {
    options: ["model"],
    readyWithinMinutes: 15,
    provide: (setup) => provideModel(setup, startStandIn),
    ask: async (client, { model, prompt = "Say hello" }) => {
      console.log(`\n> ${prompt}`);
      const answer = await client.post(route, { cost: 64, payload: payload(prompt, model) });
      if (!answer.ok || answer.body === null) {
        throw new Error(`the worker answered ${answer.status}: ${await answer.text()}`);
      }
      process.stdout.write("< ");
      for await (const event of readEvents<TextEvent>(answer.body)) {
        process.stdout.write(textOf(event) ?? "");
      }
      process.stdout.write("\n");
      return true;
    },
  };
}

async function provideModel(
  { folder, onStop, options }: Setup,
  startStandIn: TextDefinition["startStandIn"],
): Promise<Behind> {
  const { model, "model-log": log, "model-url": url } = options;
  const logFile = log && resolve(log);
  if ((url === undefined) !== (logFile === undefined)) {
    throw new Error("--model-url and --model-log go together: the log says when the model is ready");
  }
  const named: Record<string, string> = model === undefined ? {} : { MODEL_NAME: model };
  if (url !== undefined && logFile !== undefined) {
    await stat(logFile).catch(() => console.log(`${logFile} does not exist yet; waiting for it`));
    return {
      servers: [{ name: "model server", url }],
      environment: { MODEL_SERVER_URL: url, MODEL_LOG: logFile, ...named },
    };
  }
  const standIn = await startStandIn({ logFile: join(folder, "model.log"), msPerToken: 1, startDelayMs: 500 });
  onStop(() => standIn.stop());
  return {
    servers: [{ name: "model server", url: standIn.url, note: "(a stand-in: it answers by rote)" }],
    environment: { MODEL_SERVER_URL: standIn.url, MODEL_LOG: standIn.logFile ?? "", ...named },
  };
}
