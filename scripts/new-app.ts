// `npm run new-app -- NAME`: copies an app into a folder anywhere, where it is a package of its own.
import { globSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { appFiles } from "./new-app/app-files.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Where the user stands; npm itself goes to the repository's root. */
const { INIT_CWD: here = process.cwd() } = process.env;
/** What Vast's templates call them. */
const aliases: Readonly<Record<string, string>> = { openai: "vllm", "comfyui-json": "comfyui" };
const apps = globSync("apps/*/worker.ts", { cwd: root }).map((file) => basename(dirname(file)));

const help = `npm run new-app -- NAME [--backend BACKEND]

Makes a worker of your own in the folder NAME, anywhere: a copy of one of the apps, which installs, tests and deploys
by itself. The folder's name becomes the package's name.

  --backend BACKEND  ${apps.join(", ")}
                     (default: vllm; ${Object.entries(aliases)
                       .map(([alias, app]) => `${alias} is ${app}`)
                       .join(", ")})
  --help             this text`;

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: "string", default: "vllm" }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    throw new Error(`expected one folder, found ${positionals.join(" ") || "none"}\n\n${help}`);
  }
  const app = findApp(values.backend);
  const folder = resolve(here, path);
  const name = checkName(basename(folder));
  await checkRoom(folder);
  for (const { content, mode, path: file } of await appFiles({ root, app, name })) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content, { mode });
  }
  console.log(nextSteps(folder, app));
}

function findApp(backend: string): string {
  const app = aliases[backend] ?? backend;
  if (!apps.includes(app)) {
    throw new Error(`unknown backend "${backend}"; there are: ${[...apps, ...Object.keys(aliases)].join(", ")}`);
  }
  return app;
}

/** What npm takes as the name of a new package. */
function checkName(name: string): string {
  const isValid = /^[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 214;
  if (!isValid || name === "node_modules" || name === "favicon.ico") {
    const letters = "lower-case letters, digits, - . and _, the first of them a letter or a digit";
    throw new Error(`"${name}" can't be the name of a package: choose a folder's name of ${letters}`);
  }
  return name;
}

async function checkRoom(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) => {
    if (code !== "ENOENT") {
      throw new Error(`${folder} is there and no folder`);
    }
    return [];
  });
  if (entries.length > 0) {
    throw new Error(`${folder} is there and not empty; nothing was changed`);
  }
}

function nextSteps(folder: string, app: string): string {
  return `Made ${folder} from apps/${app}. Next, with Node 24 or later:

  cd ${relative(here, folder) || "."}
  npm install
  npm test                      # the worker, before a stand-in for its model server
  UNSECURED=true npm start      # the worker, before a model server of yours

README.md there goes on.`;
}
