// A process of its own, whose memory is its own too: delivers a small file, then a large one, and prints what that took.
import { createComfyHttp } from "../comfy/comfy-http.ts";
import { deliverOutputs } from "./deliver-outputs.ts";
import { readS3Settings } from "./s3-settings.ts";
import { createS3Storage } from "./s3-storage.ts";

const [comfyUrl = "", small = "", large = ""] = process.argv.slice(2);
const settings = readS3Settings(undefined, process.env);
const s3 = settings && createS3Storage(settings);
const comfy = createComfyHttp(comfyUrl);

const deliver = (filename: string) =>
  deliverOutputs([{ filename, subfolder: "", type: "output", nodeId: "1", outputType: "images" }], {
    comfy,
    requestId: "job-1",
    comfyFolder: "/workspace/ComfyUI",
    asBase64: false,
    base64MaxBytes: 0,
    s3,
    signal: new AbortController().signal,
  });

// What has been read and sent on is garbage, and V8 lets some 60 MB of that gather before it looks; what is held is asked here.
const measure = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss();
};

// What is loaded once is no growth.
await deliver(small);
const before = measure();
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, measure());
}, 20);
const { items } = await deliver(large);
clearInterval(watch);
await s3?.stop();
await comfy.stop();
process.stdout.write(JSON.stringify({ item: items[0], before, most }));
