import { join } from "node:path";
import { type Machine, startMachine } from "./start-machine.ts";
import { commitTinyApp } from "./tiny-app.ts";

interface TinyMachine {
  machine: Machine;
  /** Where its code comes from: a repository with one app, which answers with "first". */
  repository: string;
  /** Starts the launcher with that app. */
  launch: Machine["launch"];
}

/** Machines whose worker needs nothing installed. They stop with the file. */
export const createTinyMachines =
  (cleanUp: (stop: () => Promise<unknown>) => void) =>
  async ({ status = 0 } = {}): Promise<TinyMachine> => {
    const machine = await startMachine();
    cleanUp(() => machine.stop());
    const repository = join(machine.folder, "repository");
    await commitTinyApp(repository, "first", { status });
    return {
      machine,
      repository,
      launch: (env, how) => machine.launch({ PYWORKER_REPO: repository, BACKEND: "openai", ...env }, how),
    };
  };
