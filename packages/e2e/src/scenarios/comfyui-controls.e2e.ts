import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import {
  answerOf,
  byHeader,
  cancel,
  generate,
  generateLater,
  get,
  inStatus,
  resultOf,
  view,
} from "../harness/comfyui/job-client.ts";
import { type ComfyuiUnderTest, modes, startComfyuiWorker } from "../harness/comfyui/start-comfyui-worker.ts";
import { endless, workflow } from "../harness/comfyui/workflows.ts";
import { verifies } from "../harness/verifies.ts";

describe.each(modes)("in %s mode", (mode) => {
  let under: ComfyuiUnderTest;

  beforeAll(async () => {
    under = await startComfyuiWorker({ mode });
  });
  afterAll(() => under.stop());

  verifies(["comfyui/later", "comfyui/cancel"], "a job can be left, asked about and cancelled", async () => {
    const { worker } = under;
    const accepted = await worker.send("/generate", { input: { workflow_json: endless() } });
    expect(accepted.status).toBe(202);
    const { body: first } = await answerOf(accepted);
    expect(first).toMatchObject({ status: "pending", output: [], message: "Request accepted" });
    await inStatus(worker, first.id, "generating");
    const waiting = await generateLater(worker, workflow("image"));
    expect(await resultOf(worker, waiting)).toMatchObject({ status: 200, body: { id: waiting, status: "pending" } });

    const cancelWaiting = await cancel(worker, waiting);
    expect(cancelWaiting.status).toBe(200);
    expect(await cancelWaiting.json()).toEqual({ message: `Job ${waiting} is cancelled`, status: "cancelled" });
    expect(await resultOf(worker, waiting)).toMatchObject({ status: 499, body: { status: "cancelled", output: [] } });
    expect(await resultOf(worker, first.id)).toMatchObject({ status: 200, body: { status: "generating" } });

    expect((await cancel(worker, first.id)).status).toBe(200);
    await inStatus(worker, first.id, "cancelled");
    expect(await resultOf(worker, first.id)).toMatchObject({ status: 499, body: { status: "cancelled", output: [] } });
    const again = await cancel(worker, first.id);
    expect(await again.json()).toEqual({ message: `Job ${first.id} is cancelled`, status: "cancelled" });
  });

  verifies(["comfyui/later"], "a job's outcome has the status that its answer would have had", async () => {
    const { worker } = under;
    const good = await generateLater(worker, workflow("image"));
    const bad = await generateLater(worker, workflow("failing"));
    await inStatus(worker, good, "completed");
    await inStatus(worker, bad, "failed");
    expect(await resultOf(worker, good)).toMatchObject({ status: 200, body: { id: good, output: [{ node_id: "2" }] } });
    expect(await resultOf(worker, bad)).toMatchObject({ status: 500, body: { id: bad, output: [] } });
    expect(await (await cancel(worker, good)).json()).toEqual({
      message: `Job ${good} has ended: completed`,
      status: "completed",
    });
    expect((await resultOf(worker, good)).status).toBe(200);
  });

  verifies(["comfyui/later"], "a job goes on when its client has gone", async () => {
    const { worker } = under;
    const leaving = new AbortController();
    const input = { workflow_json: workflow("slow"), request_id: `left-${mode}` };
    const response = await worker.send("/generate", { input }, { signal: leaving.signal });
    leaving.abort();
    await expect(response.text()).rejects.toThrow();
    await inStatus(worker, `left-${mode}`, "completed");
  });

  verifies(["comfyui/cancel"], "a client that leaves /generate/sync cancels its job, and no other", async () => {
    const { worker } = under;
    const leaving = new AbortController();
    const input = { workflow_json: endless(), request_id: `gone-${mode}` };
    const left = worker.send("/generate/sync", { input }, { signal: leaving.signal }).catch(() => "left");
    await until(async () => (await resultOf(worker, `gone-${mode}`)).body.status === "generating");
    const other = await generateLater(worker, workflow("image"));
    leaving.abort();
    expect(await left).toBe("left");
    await inStatus(worker, `gone-${mode}`, "cancelled");
    await inStatus(worker, other, "completed");
  });

  verifies(["comfyui/unknown"], "an id that nobody knows is a 404", async () => {
    expect(await resultOf(under.worker, "nobody")).toEqual({
      status: 404,
      body: {
        id: "nobody",
        status: "failed",
        message: "Request ID not found",
        comfyui_response: {},
        output: [],
        timings: {},
      },
    });
    const cancelled = await cancel(under.worker, "nobody");
    expect(cancelled.status).toBe(404);
    expect(await cancelled.json()).toEqual({ error: expect.stringMatching(/not found/) });
  });

  verifies(["comfyui/signed"], "whoever asks about a job, cancels it or fetches a file signs", async () => {
    const { worker } = under;
    const { body } = await generate(worker, workflow("image"));
    const [file] = body.output;
    const path = file === undefined ? "" : view(file);
    const signed = worker.authData();
    const query = Object.entries(signed)
      .map(([name, value]) => `serverless_${name}=${encodeURIComponent(value)}`)
      .join("&");
    const forged = { ...signed, signature: Buffer.alloc(256).toString("base64") };
    const header = (auth: object) => ({ "x-serverless-auth": Buffer.from(JSON.stringify(auth)).toString("base64url") });
    const calls = [
      [`/result/${body.id}`, "GET"],
      [`/cancel/${body.id}`, "POST"],
      [path, "GET"],
    ] as const;
    for (const [route, method] of calls) {
      const url = worker.url + route;
      const statusOf = async (address: string, headers = {}) => {
        const response = await fetch(address, { method, headers });
        await response.arrayBuffer();
        return response.status;
      };
      expect([route, await statusOf(url, byHeader(worker))]).toEqual([route, 200]);
      expect([route, await statusOf(`${url}${route.includes("?") ? "&" : "?"}${query}`)]).toEqual([route, 200]);
      expect([route, await statusOf(url)]).toEqual([route, 401]);
      expect([route, await statusOf(url, header(forged))]).toEqual([route, 401]);
    }
    // The client of the SDK sends envelopes to whatever it posts to.
    const enveloped = await worker.send(`/cancel/${body.id}`, {});
    expect([enveloped.status, await enveloped.json()]).toMatchObject([200, { status: "completed" }]);
    const auth = worker.authData({ signature: forged.signature });
    expect((await worker.send(`/cancel/${body.id}`, {}, { auth })).status).toBe(401);
  });

  verifies(["comfyui/view"], "a file that ComfyUI lacks is a 404, and parts of one can be had", async () => {
    const { worker } = under;
    const { body } = await generate(worker, workflow("image"));
    const [file] = body.output;
    const path = file === undefined ? "" : view(file);
    const part = await fetch(worker.url + path, { headers: { ...byHeader(worker), range: "bytes=0-3" } });
    const start = Buffer.from(await part.arrayBuffer());
    expect([part.status, start.toString("latin1")]).toEqual([206, "\x89PNG"]);
    expect((await get(worker, "/view?filename=missing.png&type=output")).status).toBe(404);
    const head = await fetch(worker.url + path, { method: "HEAD", headers: byHeader(worker) });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "image/png"]);
  });
});
