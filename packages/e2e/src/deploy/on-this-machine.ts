interface Places {
  /** The worker's public port; the internal one is the next. */
  workerPort: number;
  enginePort: number;
  modelPort: number;
  /** Where a container's own paths lie. */
  folder: string;
}

/** Rewrites a file that starts containers so that processes of this machine can do the same: ports that are free, folders that are there. */
export function onThisMachine(text: string, { enginePort, folder, modelPort, workerPort }: Places): string {
  const ports: Readonly<Record<string, number>> = {
    "3000": workerPort,
    "3001": workerPort + 1,
    "8080": enginePort,
    "18000": modelPort,
  };
  return text
    .replace(/(?<!\d)(3000|3001|8080|18000)(?!\d)/g, (port) => String(ports[port]))
    .replaceAll("0.0.0.0", "127.0.0.1")
    .replaceAll("http://engine:", "http://127.0.0.1:")
    .replaceAll("/var/log/model", `${folder}/model-log`)
    .replaceAll("/tmp/log", `${folder}/log`);
}
