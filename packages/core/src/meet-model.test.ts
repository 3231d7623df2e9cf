import { expect, test } from "@jest/globals";
import { createModelAccess } from "./meet-model.ts";
import { startTestServer } from "./test-server.test.fixture.ts";

test("asks the model server by GET and POST, with the worker's key, and rejects a refusal", async () => {
  const server = await startTestServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    const { headers, method, url } = request;
    response.statusCode = url === "/base/refused" ? 503 : 200;
    response.end(
      JSON.stringify({ method, url, body, type: headers["content-type"], authorization: headers.authorization }),
    );
  });
  const { getJson, postJson } = createModelAccess(
    { environment: { MODEL_API_KEY: "key" }, modelUrl: new URL(`${server.url}/base/`) },
    new AbortController().signal,
  );
  const authorization = "Bearer key";
  expect(await getJson("/models")).toEqual({ method: "GET", url: "/base/models", body: "", authorization });
  expect(await postJson("/tokenize", { prompt: "é", seed: 9223372036854775807n })).toEqual({
    method: "POST",
    url: "/base/tokenize",
    body: '{"prompt":"é","seed":9223372036854775807}',
    type: "application/json",
    authorization,
  });
  await expect(getJson("/refused")).rejects.toThrow("/refused answered 503");
  await expect(postJson("/refused", {})).rejects.toThrow("/refused answered 503");
  await server.close();
});
