import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const reference = /(?:from |import |import\(|new URL\()"(\.[^"]+)"/g;

/** The sources of a package that its exports and its bins reach, and what those refer to beside them. */
export function reachedFiles(home: string, { bin = {}, exports }: Record<string, unknown>): Set<string> {
  const targets = JSON.stringify([exports, bin]).matchAll(/"\.\/((?:src|dist)\/[^"]+)"/g);
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) {
      return;
    }
    reached.add(file);
    if (file.endsWith(".ts")) {
      for (const [, path = ""] of readFileSync(join(home, file), "utf8").matchAll(reference)) {
        visit(join(dirname(file), path));
      }
    }
  };
  for (const [, target = ""] of targets) {
    visit(target.replace(/^dist\//, "src/").replace(/(\.d\.ts|\.js)$/, ".ts"));
  }
  return reached;
}
