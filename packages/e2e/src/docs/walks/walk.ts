/** Commands of pages in the order in which a reader runs them, one shell session: folders and variables stay. */
export interface Walk {
  title: string;
  /** `e2e` has Node, git and a plain shell; `interop` has bash, curl and Python too. */
  kind: "e2e" | "interop";
  /** Which node is first on the PATH: the one of this repository (default), or the machine's own. */
  node?: "repository" | "machine";
  /** More environment. */
  env?: Readonly<Record<string, string>>;
  /** A folder of this repository without what git ignores, copied to where the walk begins. */
  copyOf?: string;
  steps: readonly Step[];
}

/** One command, and what it needs beside what the page says. */
export interface Step {
  /** The pages that have the command. */
  pages: readonly string[];
  /** The command on one line, as on those pages; `…` at its end stands for the rest. */
  name: string;
  /** Where it is run. Default: where the step before has left the session. From the walk's folder; `/` is this repository. */
  folder?: string;
  /** What the reader does before it, in words of the page that are no command. */
  before?: string;
  /** Files that are there before, by their path from the walk's folder. */
  files?: Readonly<Record<string, string>>;
  /** Parts of the command, and what stands in their place here. */
  replace?: Readonly<Record<string, string>>;
  /** Words behind the command: where it listens on ports that a reader need not choose. */
  more?: string;
  /** It serves: it runs on in the background when it has printed this. Without it, it must end with 0. */
  until?: string;
  /** What it must print before it ends. */
  prints?: string;
  /** What the last step left running is stopped first. */
  stopsLast?: boolean;
}

/** A step that needs nothing beside what its page says, or little. */
export const step = (
  pages: string | readonly string[],
  name: string,
  more: Omit<Step, "pages" | "name"> = {},
): Step => ({ pages: [pages].flat(), name, ...more });
