import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type S3Server, startS3Server } from "./start-s3-server.ts";

let server: S3Server;

beforeEach(async () => {
  server = await startS3Server();
});
afterEach(() => server.stop());

/** A request signed by hand, so that the server's word about signatures does not rest on the client under test. */
function put(key: string, { body, secret }: { body: string; secret: string }): Promise<Response> {
  const path = `/${server.bucket}/${key}`;
  const host = new URL(server.url).host;
  const time = `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
  const date = time.slice(0, 8);
  const hash = createHash("sha256").update(body).digest("hex");
  const names = "host;x-amz-content-sha256;x-amz-date";
  const canonical = [
    "PUT",
    path,
    "",
    `host:${host}`,
    `x-amz-content-sha256:${hash}`,
    `x-amz-date:${time}`,
    "",
    names,
    hash,
  ];
  const scope = `${date}/us-east-1/s3/aws4_request`;
  const canonicalHash = createHash("sha256").update(canonical.join("\n")).digest("hex");
  const key4 = [date, "us-east-1", "s3", "aws4_request"].reduce<Buffer | string>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${secret}`,
  );
  const signature = createHmac("sha256", key4)
    .update(["AWS4-HMAC-SHA256", time, scope, canonicalHash].join("\n"))
    .digest("hex");
  return fetch(server.url + path, {
    method: "PUT",
    body,
    headers: {
      "x-amz-date": time,
      "x-amz-content-sha256": hash,
      authorization: `AWS4-HMAC-SHA256 Credential=${server.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  });
}

test("takes what is signed with its secret, and nothing else", async () => {
  expect((await put("a.txt", { body: "hello", secret: server.secretAccessKey })).status).toBe(200);
  const refused = await put("b.txt", { body: "hello", secret: "another" });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain("SignatureDoesNotMatch");
  expect(server.requests).toEqual(["PUT /outputs/a.txt", "PUT /outputs/b.txt"]);
});
