import { expect } from "@jest/globals";
import { documented } from "../docs/commands.ts";
import { createShellSession } from "../harness/shell-session.ts";
import { createStarters } from "../harness/starters.ts";
import { verifies } from "../harness/verifies.ts";

const starters = createStarters();

verifies(["command/documented"], "the wire protocol's commands sign a request by header and by query", async () => {
  const model = await starters.startModel(({ url }, response) => response.end(`this is ${url}`));
  const worker = await starters.startWorker({ program: "passthrough-page", modelUrl: model.url });
  await worker.becomeReady();
  const { signature } = worker.authData();
  const session = createShellSession({ folder: await starters.makeFolder(), shell: "bash", env: process.env });
  const run = (command: string) =>
    session.run(
      command
        .replaceAll("http://1.2.3.4:40123", worker.url)
        .replaceAll("http%3A%2F%2F1.2.3.4%3A40123", encodeURIComponent(worker.url))
        .replace('"signature":"…"', `"signature":"${signature}"`)
        .replace("signature=…", `signature=${encodeURIComponent(signature)}`),
    );
  await run(documented("docs/wire-protocol.md", "auth_data=…"));
  const byHeader = await run(documented("docs/wire-protocol.md", 'curl -H "X-Serverless-Auth: …'));
  expect(byHeader).toEqual({ status: 0, output: expect.stringContaining("this is /v1/models") });
  const byQuery = await run(documented("docs/wire-protocol.md", 'curl "http://1.2.3.4:40123/view/cat.png…'));
  expect(byQuery).toEqual({ status: 0, output: expect.stringContaining("this is /view/cat.png?size=small") });
});
