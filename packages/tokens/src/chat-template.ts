/** What a model's chat template adds to the texts of a request, in tokens. */
export interface ChatTemplate {
  name: string;
  /** Around each message: its role, its begin and its end. */
  perMessage: number;
  /** Once: begin of text, what the template says by itself, the head of the answer. */
  fixed: number;
  /** More where no message has the role "system": the template then writes one. */
  withoutSystem: number;
  /** More where there are tools: how to call them. */
  withTools: number;
}

/** For a model that nothing is known of. */
export const anyTemplate: ChatTemplate = { name: "any", perMessage: 5, fixed: 5, withoutSystem: 0, withTools: 100 };

interface Family extends ChatTemplate {
  /** Special tokens that only its vocabularies have, all of them. */
  tokens: readonly string[];
  /** None of these. */
  except?: readonly string[];
}

/** The first that fits counts. Sizes of the templates as the models' publishers ship them. */
const families: readonly Family[] = [
  {
    name: "llama3.1",
    tokens: ["<|start_header_id|>", "<|eom_id|>"],
    // It opens with a system message of two dates, whether or not the request has one.
    perMessage: 5,
    fixed: 25,
    withoutSystem: 5,
    withTools: 100,
  },
  {
    name: "llama3",
    tokens: ["<|start_header_id|>"],
    perMessage: 5,
    fixed: 5,
    withoutSystem: 0,
    withTools: 100,
  },
  {
    name: "harmony",
    tokens: ["<|start|>", "<|channel|>", "<|message|>"],
    perMessage: 4,
    fixed: 70,
    withoutSystem: 0,
    withTools: 20,
  },
  { name: "phi4", tokens: ["<|im_sep|>"], perMessage: 4, fixed: 3, withoutSystem: 0, withTools: 100 },
  {
    name: "qwen2.5",
    tokens: ["<|im_start|>", "<tool_call>"],
    except: ["<think>"],
    perMessage: 5,
    fixed: 3,
    withoutSystem: 21,
    withTools: 125,
  },
  { name: "chatml", tokens: ["<|im_start|>"], perMessage: 5, fixed: 3, withoutSystem: 0, withTools: 125 },
  { name: "gemma", tokens: ["<start_of_turn>"], perMessage: 5, fixed: 4, withoutSystem: 0, withTools: 100 },
  { name: "mistral", tokens: ["[INST]"], perMessage: 2, fixed: 1, withoutSystem: 0, withTools: 2 },
  { name: "deepseek", tokens: ["<｜User｜>"], perMessage: 2, fixed: 2, withoutSystem: 0, withTools: 100 },
];

/** The template that goes with a vocabulary, by the special tokens that it has. */
export function templateOf(specials: Iterable<string>): ChatTemplate {
  const present = new Set(specials);
  const family = families.find(
    ({ except = [], tokens }) =>
      tokens.every((token) => present.has(token)) && !except.some((token) => present.has(token)),
  );
  if (family === undefined) {
    return anyTemplate;
  }
  const { fixed, name, perMessage, withoutSystem, withTools } = family;
  return { name, perMessage, fixed, withoutSystem, withTools };
}
