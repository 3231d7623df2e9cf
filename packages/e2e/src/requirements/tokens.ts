import type { Requirement } from "./requirement.ts";

const source = "@pyworker/tokens";

export const tokenRequirements = [
  {
    id: "tokens/own-file",
    behaviour: "TOKENIZER names the model's own file: prompts in flight are counted by it, to the token",
    source,
  },
  { id: "tokens/hub", behaviour: "The served model's tokenizer is found in Hugging Face's cache by its name", source },
  { id: "tokens/named", behaviour: "TOKENIZER names an encoding, or bytes", source },
  {
    id: "tokens/unusable",
    behaviour: "A file that can't be used leaves a ready worker, whose log says why and what is used instead",
    source,
  },
  {
    id: "tokens/mistyped",
    behaviour: "A TOKENIZER that there is not is said in the log, with those there are",
    source,
  },
  { id: "tokens/deviation", behaviour: "How far counts are from the model server's own is said in the log", source },
] as const satisfies readonly Requirement[];
