import { spanOf, type TgiFinishedRequest } from "./span-of.ts";

/** Lines as TGI writes them, in one of its two grammars. */
export interface TgiLogLines {
  /** The download. */
  starting(model: string): string[];
  /** The shard, and the web server's beginning. */
  loading(): string[];
  /** `Connected`; the port opens right after. */
  ready(): string[];
  /** The end of a process that fails, with the errors before it. */
  fatal(variant: TgiFatalVariant): string[];
  /** One request fails, and nothing else. */
  requestFailure(): string[];
  /** One request has been answered: its parameters are told, with whatever texts they hold. */
  requestSuccess(request: TgiFinishedRequest): string[];
}

export type TgiFatalVariant =
  | "ArgumentValidation"
  | "NotEnoughCUDADevices"
  | "DownloadError"
  | "ShardCannotStart"
  | "ShardDisconnected"
  | "ShardFailed"
  | "WebserverFailed"
  | "WebserverCannotStart";

interface TgiRecord {
  message: string;
  level?: "INFO" | "ERROR";
  /** The span that the launcher is in. */
  span?: "download" | "shard-manager" | "webserver";
}

const launcher = "text_generation_launcher";
const download = "download";
const shard = "shard-manager";

/** What is logged before the process ends with each error. */
const causes: Record<TgiFatalVariant, readonly TgiRecord[]> = {
  ArgumentValidation: [],
  NotEnoughCUDADevices: [],
  DownloadError: [
    { message: "Download encountered an error: \nRepositoryNotFoundError: 401 Client Error.", span: download },
  ],
  ShardCannotStart: [
    { message: "Shard complete standard error output:\n\ntorch.OutOfMemoryError: CUDA out of memory.", span: shard },
    { message: "Shard 0 failed to start" },
  ],
  ShardDisconnected: [{ message: "Shard status channel disconnected" }],
  ShardFailed: [{ message: "Shard 0 crashed" }],
  WebserverFailed: [{ message: "Webserver Crashed" }],
  WebserverCannotStart: [{ message: "Failed to start webserver: No such file or directory (os error 2)" }],
};

/** What the two that carry words say. */
const details: Partial<Record<TgiFatalVariant, string>> = {
  ArgumentValidation: "`max_input_tokens must be < `max_total_tokens`",
  NotEnoughCUDADevices: "`sharded` is true but only found 1 CUDA devices",
};

/** The lines of TGI's log: objects where `json`, coloured text otherwise. */
export function tgiLogLines({ json = false }: { json?: boolean } = {}): TgiLogLines {
  const launcherLine = (record: TgiRecord) => (json ? launcherJson(record) : launcherText(record));
  const routerLine = (record: RouterRecord) => (json ? routerJson(record) : routerText(record));
  return {
    starting: (model) =>
      [
        { message: "Using attention flashinfer - Prefix caching true" },
        { message: "Default `max_batch_prefill_tokens` to 4096" },
        { message: `Starting check and download process for ${model}`, span: download } as const,
        { message: "Download file: model.safetensors" },
        { message: `Successfully downloaded weights for ${model}`, span: download } as const,
      ].map(launcherLine),
    loading: () =>
      [
        { message: "Starting shard", span: shard } as const,
        { message: "Waiting for shard to be ready...", span: shard } as const,
        { message: "Shard ready in 10.012345678s", span: shard } as const,
        { message: "Starting Webserver" },
      ].map(launcherLine),
    ready: () =>
      [
        { message: "Warming up model" },
        { message: "Setting max batch total tokens to 65536" },
        { message: "Connected" },
      ].map(routerLine),
    fatal: (variant) => [
      ...causes[variant].map((record) => launcherLine({ level: "ERROR", ...record })),
      `Error: ${variant}${details[variant] === undefined ? "" : `(${JSON.stringify(details[variant])})`}`,
    ],
    requestFailure: () => [
      routerLine({ message: "Request failed during generation: Server error: CUDA out of memory.", level: "ERROR" }),
    ],
    requestSuccess: (request) => [routerLine({ message: "Success", span: spanOf(request) })],
  };
}

type Level = "INFO" | "ERROR";

interface RouterRecord {
  message: string;
  level?: Level;
  /** The request that it is about. */
  span?: { name: string; fields: Record<string, string> };
}

const routerTarget = "text_generation_router::server";
const routerFile = "router/src/server.rs";
const routerLineNumber = 2402;

/** The launcher's objects nest the message. */
const launcherJson = ({ level = "INFO", message, span }: TgiRecord): string =>
  JSON.stringify({
    timestamp: timestamp(),
    level,
    fields: { message },
    target: launcher,
    ...(span === undefined ? {} : { span: { name: span }, spans: [{ name: span }] }),
  });

/** The router's objects are flat. */
const routerJson = ({ level = "INFO", message, span }: RouterRecord): string => {
  const words = span && { ...span.fields, name: span.name };
  return JSON.stringify({
    timestamp: timestamp(),
    level,
    message,
    target: routerTarget,
    filename: routerFile,
    line_number: routerLineNumber,
    ...(words && { span: words, spans: [words] }),
  });
};

const launcherText = ({ level = "INFO", message, span }: TgiRecord): string =>
  `${headOf(level)}${span === undefined ? "" : `${bold(span)}${dim(":")} `}${dim(launcher)}${dim(":")} ${message}`;

const routerText = ({ level = "INFO", message, span }: RouterRecord): string =>
  `${headOf(level)}${span === undefined ? "" : `${spanText(span)}${dim(":")} `}${dim(routerTarget)}${dim(":")} ${dim(routerFile)}${dim(":")}${dim(`${routerLineNumber}:`)} ${message}`;

function spanText({ fields, name }: NonNullable<RouterRecord["span"]>): string {
  const words = Object.entries(fields).map(([key, value]) => `${italic(key)}${dim("=")}${value}`);
  return `${bold(name)}${bold("{")}${words.join(" ")}${bold("}")}`;
}

const paint =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
const bold = paint(1);
const dim = paint(2);
const italic = paint(3);
const red = paint(31);
const green = paint(32);

/** Time and level, coloured as TGI does whether a terminal reads it or not. */
const headOf = (level: Level): string => `${dim(timestamp())} ${level === "INFO" ? green(" INFO") : red("ERROR")} `;

/** `2026-01-01T12:00:00.000000Z` */
const timestamp = (): string => new Date().toISOString().replace("Z", "000Z");
