import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect } from "@jest/globals";
import { until } from "@pyworker/testing";
import { createCleanUps } from "../harness/clean-up.ts";
import { startWorker } from "../harness/start-worker.ts";
import { verifies } from "../harness/verifies.ts";

const cleanUp = createCleanUps();
const okay = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/** A model server that answers each connection's first request, and keeps it. */
async function startRawModel(onLater: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let answered = 0;
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    socket.on("data", (data) => {
      requests += data.toString().startsWith("POST") ? 1 : 0;
      answered += 1;
      if (answered === 1) {
        socket.write(okay);
      } else {
        onLater(socket);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    requests: () => requests,
  };
}

async function startReadyWorker(modelUrl: string) {
  const worker = await startWorker({ program: "every-feature", modelUrl });
  cleanUp(() => worker.stop());
  await worker.log("LOADED");
  await worker.engine.status(({ max_perf }) => Number(max_perf) > 0);
  return worker;
}

verifies(["forward/retry-untouched"], "serves on when the model has closed the kept connection", async () => {
  const model = await startRawModel((socket) => socket.destroy());
  const worker = await startReadyWorker(model.url);
  expect((await worker.send("/parallel", {})).status).toBe(200);
  for (let time = 0; time < 20; time += 1) {
    for (const socket of model.sockets) {
      socket.destroy();
    }
    expect((await worker.send("/parallel", {})).status).toBe(200);
  }
});

verifies(["forward/retry-untouched"], "doesn't send again what the model may have begun to work on", async () => {
  const model = await startRawModel((socket) => socket.destroy());
  const worker = await startReadyWorker(model.url);
  expect((await worker.send("/parallel", {})).status).toBe(200);
  const before = model.requests();
  expect((await worker.send("/parallel", {})).status).toBe(502);
  expect(model.requests()).toBe(before + 1);
});

verifies(["forward/kept-alive"], "gives an idle connection up before the model's five seconds are over", async () => {
  const model = await startRawModel((socket) => socket.write(okay));
  const worker = await startReadyWorker(model.url);
  const times: number[] = [];
  // A busy machine may be slow, but not each time.
  while (times.length < 3 && Math.min(...times) >= 5000) {
    expect((await worker.send("/parallel", {})).status).toBe(200);
    const startedAt = performance.now();
    await until(() => model.sockets.size === 0);
    times.push(performance.now() - startedAt);
  }
  expect(Math.min(...times)).toBeLessThan(5000);
});
