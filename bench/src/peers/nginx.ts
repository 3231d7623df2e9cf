import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { freePort, startServer, untilListening } from "../server-process.ts";
import type { Target } from "../target.ts";
import { findNginx } from "./find-nginx.ts";

interface NginxSettings {
  modelUrl: string;
  /** Off: every piece of an answer goes out as it comes. */
  buffering: "on" | "off";
}

/** Starts nginx as a plain proxy before the model, in one process, like the workers. */
export async function startNginx(bench: Bench, { buffering, modelUrl }: NginxSettings): Promise<Target> {
  const { libraryPath, program } = await findNginx(bench);
  const port = await freePort();
  const folder = join(bench.folder, `nginx-${port}`);
  const configFile = join(folder, "nginx.conf");
  await mkdir(folder);
  await writeFile(configFile, configuration({ buffering, folder, modelUrl, port }));
  const server = startServer(bench, {
    name: "nginx",
    command: program,
    args: ["-p", folder, "-e", "stderr", "-c", configFile],
    env: { LD_LIBRARY_PATH: libraryPath },
  });
  await untilListening(port, server);
  return { url: `http://127.0.0.1:${port}`, process: server };
}

/**
 * With `master_process off` there is one process, as with the workers, and its CPU time is all there is. Bodies stay in memory;
 * by default those of more than 16 KB are written to disk first.
 */
function configuration({
  buffering,
  folder,
  modelUrl,
  port,
}: NginxSettings & { folder: string; port: number }): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 512m;
  client_body_buffer_size 2m;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  upstream model {
    server ${new URL(modelUrl).host};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering ${buffering};
    }
  }
}
`;
}
