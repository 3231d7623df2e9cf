const longestStem = 128;

/** A file's name as it may reach the engine: no folder, nothing but letters, digits, `.`, `_` and `-`, no dot in front. */
export function safeFilename(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  const plain = base.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "");
  const dot = plain.lastIndexOf(".");
  return dot === -1 ? plain.slice(0, longestStem) : plain.slice(0, Math.min(dot, longestStem)) + plain.slice(dot);
}
