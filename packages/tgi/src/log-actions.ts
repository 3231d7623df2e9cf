import type { LogActions, LogPattern } from "@pyworker/core";

/** What the launcher ends with, once it has stopped all that it had started. */
const endings = [
  "ArgumentValidation",
  "NotEnoughCUDADevices",
  "DownloadError",
  "ShardCannotStart",
  "ShardDisconnected",
  "ShardFailed",
  "WebserverFailed",
  "WebserverCannotStart",
];

/** Where a start has got to, and why it goes no further. */
const progress = [
  "Starting check and download process",
  "Download",
  "Successfully downloaded weights",
  "Starting shard",
  "Shard ready",
  "Shard process was signaled",
  "Shard complete standard error output",
  "Starting Webserver",
];

/**
 * Lines as text, coloured as a rule, and as JSON (`--json-output`). Both repeat a request's parameters, `stop` among
 * them: in text they stand in quotes, before the message; in JSON their own quotes are escaped.
 */
export const logActions: LogActions = {
  onLoad: [
    {
      text: "Connected",
      line: /^[^"]*text_generation_router\S* (\S+: )?Connected$|"message":"Connected","target":"text_generation_router/,
    },
  ],
  onError: [
    ...endings.map(ending),
    // These come sooner by as long as it takes to stop the others.
    { text: "crashed", line: /^[^"]*text_generation_launcher: Shard \d+ crashed$|"message":"Shard \d+ crashed"/ },
    {
      text: "Webserver Crashed",
      line: /^[^"]*text_generation_launcher: Webserver Crashed$|"message":"Webserver Crashed"/,
    },
  ],
  onInfo: progress.map(launcherLine),
};

function ending(name: string): LogPattern {
  return { text: `Error: ${name}`, line: new RegExp(`^([^"]*\\s)?Error: ${name}(\\(.*)?$`) };
}

function launcherLine(text: string): LogPattern {
  return { text, line: new RegExp(`^[^"]*text_generation_launcher: ${text}|"message":"${text}`) };
}
