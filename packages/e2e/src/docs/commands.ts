import { codeBlocks, lineAt, type Page, pages, prose } from "./pages.ts";

/** A command that a page tells its reader to run. */
export interface Command {
  page: string;
  line: number;
  /** As a shell takes it: what is continued on the next line, here-documents and all. */
  text: string;
  /** The same on one line, by which it is named. */
  name: string;
}

/** What inline code has to begin with to be a command, and not a name of something; an argument has to follow. */
const programs = [
  ...[
    "npm",
    "npx",
    "pnpm",
    "node",
    "git",
    "curl",
    "wget",
    "docker",
    "kubectl",
    "helm",
    "python",
    "python3",
    "pip",
    "pip3",
  ],
  ...["uv", "vastai", "vllm", "bash", "sh", "cd", "export", "apt-get", "openssl", "ssh", "touch", "chmod", "turbo"],
  ...["text-generation-launcher", "llama-server", "espeak-ng", "shellcheck", "hadolint", "promtool", "kustomize"],
];
const isCommand = new RegExp(`^(?:[A-Z_]+=(?:"[^"]*"|'[^']*'|\\S*) )*(?:${programs.join("|")}) (?!=)`);
const inlineCode = /`([^`\n]+(?:\n(?!\n)[^`\n]+)?)`/g;
const shells = ["sh", "bash", "shell", "console", "zsh"];

/** Every command of a page: those of its blocks of shell, then those in its text. */
export function commandsOf(page: Page): Command[] {
  const inBlocks = codeBlocks(page)
    .filter(({ language }) => shells.includes(language))
    .flatMap(({ line, text }) => readScript(text).map((command) => ({ ...command, line: line + command.line })));
  const text = prose(page);
  const inText = [...text.matchAll(inlineCode)]
    .map(({ 1: code = "", index }) => ({ text: code.replace(/\s+/g, " "), line: lineAt(text, index) }))
    .filter((code) => isCommand.test(code.text));
  return [...inBlocks, ...inText].map((command) => ({ page: page.path, ...command, name: nameOf(command.text) }));
}

/** The text of the one command of a page that has this name; `…` at the end of a name stands for the rest. */
export function documented(path: string, name: string): string {
  const page = pages.find((candidate) => candidate.path === path);
  if (page === undefined) {
    throw new Error(`there is no page ${path}`);
  }
  const found = new Set(
    commandsOf(page)
      .filter(named(name))
      .map(({ text }) => text),
  );
  const [text, ...more] = found;
  if (text === undefined || more.length > 0) {
    throw new Error(`${path} has ${found.size} commands ${name}`);
  }
  return text;
}

/** Whether a command has this name, or begins with it where the name ends in `…`. */
export const named =
  (wanted: string) =>
  ({ name }: Pick<Command, "name">): boolean =>
    wanted === name || (wanted.endsWith("…") && name.startsWith(wanted.slice(0, -1)));

const nameOf = (text: string): string => text.replace(/\\\n\s*/g, "").replace(/\n\s*/g, " ");

/** The commands of a script, with the number of the line each begins on, from 0. */
function readScript(script: string): { line: number; text: string }[] {
  const commands: { line: number; text: string }[] = [];
  let pending: string[] = [];
  for (const [index, line] of script.split("\n").entries()) {
    pending.push(line.replace(/^\$ /, ""));
    const { isOpen, text } = readCommand(pending.join("\n"));
    if (!isOpen) {
      if (text !== "") {
        commands.push({ line: index + 1 - pending.length, text });
      }
      pending = [];
    }
  }
  if (pending.some((line) => line !== "")) {
    throw new Error(`a command has no end: ${pending.join("\n")}`);
  }
  return commands;
}

/** Lines without their comments, and whether the command goes on in the next one. */
function readCommand(lines: string): { text: string; isOpen: boolean } {
  const [, , end] = lines.match(/<<-?\s*(['"]?)(\w+)\1/) ?? [];
  if (end !== undefined) {
    return { text: lines, isOpen: !lines.split("\n").slice(1).includes(end) };
  }
  let quote = "";
  let text = "";
  for (let at = 0; at < lines.length; at += 1) {
    const character = lines[at] ?? "";
    if (character === "\\" && quote !== "'") {
      text += lines.slice(at, at + 2);
      at += 1;
    } else if (quote === "" && character === "#" && /^$|\s$/.test(text)) {
      at = lines.indexOf("\n", at) - 1;
      if (at < 0) {
        break;
      }
    } else {
      if (character === quote) {
        quote = "";
      } else if (quote === "" && (character === '"' || character === "'")) {
        quote = character;
      }
      text += character;
    }
  }
  text = text.trim();
  return { text, isOpen: quote !== "" || /(\\|&&|\|)$/.test(text) };
}
