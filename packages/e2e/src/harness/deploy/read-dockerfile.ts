/** An instruction, its word in capitals, and what stands behind it with continued lines joined. */
export interface Instruction {
  word: string;
  rest: string;
}

/** A stage of a build: what it starts from, what it is called, what it does. */
export interface Stage {
  from: string;
  name: string | undefined;
  instructions: readonly Instruction[];
}

/** Reads a Dockerfile's stages. No here-documents, no escape but the backslash. */
export function readDockerfile(text: string): Stage[] {
  const stages: { from: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  for (const line of lines.join("\n").replace(/\\\n/g, "").split("\n")) {
    const { word = "", rest = "" } = /^\s*(?<word>[A-Za-z]+)\s+(?<rest>.*\S)\s*$/.exec(line)?.groups ?? {};
    if (word.toUpperCase() === "FROM") {
      const [from = "", , name] = rest.split(/\s+/);
      stages.push({ from, name, instructions: [] });
    } else if (word !== "") {
      stages.at(-1)?.instructions.push({ word: word.toUpperCase(), rest });
    }
  }
  return stages;
}

/** The words of a command in exec form: `["node", "worker.ts"]`. */
export function execForm(text: string): string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words) || words.some((word) => typeof word !== "string")) {
    throw new Error(`not in exec form: ${text}`);
  }
  return words;
}

/** The variables of an ENV: `NAME=value OTHER=value`. */
export const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]));
