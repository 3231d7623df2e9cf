import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

/** The repository's own folder, with a slash at the end. */
const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Every app's folder, from the repository's root: `apps/vllm`. */
export const appFolders: readonly string[] = globSync("apps/*/package.json", { cwd: root })
  .map((path) => path.replace("/package.json", ""))
  .sort();

/** The files of the Kubernetes example, from the repository's root. */
export const kubernetesFiles: readonly string[] = globSync("deploy/kubernetes/*.yaml", { cwd: root }).sort();

export const readText = (path: string): string => readFileSync(root + path, "utf8");

/** What a YAML file holds. Throws what is wrong with it, a key that comes twice among it. */
export function readYaml(path: string): unknown {
  return parseYaml(readText(path));
}

export function parseYaml(text: string): unknown {
  const documents = parseAllDocuments(text, { merge: false });
  const [document, ...others] = documents;
  if (document === undefined || others.length > 0 || "empty" in documents) {
    throw new Error("expected one document");
  }
  if (document.errors.length > 0) {
    throw document.errors[0];
  }
  return document.toJS();
}

const manifest = z.looseObject({ version: z.string(), devDependencies: z.record(z.string(), z.string()).optional() });

/** The part of a package.json that other files must agree with. */
export const readManifest = (folder: string): z.output<typeof manifest> =>
  manifest.parse(JSON.parse(readText(`${folder}package.json`)));
