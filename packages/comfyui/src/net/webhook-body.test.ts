import { describe, expect, test } from "@jest/globals";
import type { Result } from "../jobs/result.ts";
import { webhookBody } from "./webhook-body.ts";

const result: Result = {
  id: "job-1",
  status: "completed",
  message: "Processing complete.",
  comfyui_response: { p: {} },
  output: [],
  timings: { total_ms: 5 },
};

const sent = (...parameters: Parameters<typeof webhookBody>): unknown =>
  JSON.parse(JSON.stringify(webhookBody(...parameters)));

describe("a webhook's body", () => {
  test("tells of the job, and nothing that it does not have", () => {
    expect(sent(result)).toEqual({
      id: "job-1",
      status: "completed",
      message: "Processing complete.",
      output: [],
      timings: { total_ms: 5 },
    });
  });

  test("says what went wrong", () => {
    const error = { type: "execution_error", message: "no", node_id: "3" } as const;
    expect(sent({ ...result, status: "failed", error })).toMatchObject({ status: "failed", error });
  });

  test("has a client's parameters at the top, where a session's end is read, and as extra", () => {
    expect(sent(result, { session_id: "s", session_auth: { reqnum: 1 } })).toMatchObject({
      session_id: "s",
      session_auth: { reqnum: 1 },
      extra: { session_id: "s", session_auth: { reqnum: 1 } },
    });
  });

  test("lets no parameter pass for what the job says", () => {
    expect(sent(result, { id: "other", status: "failed", error: "made up", extra: 1 })).toEqual({
      id: "job-1",
      status: "completed",
      message: "Processing complete.",
      output: [],
      timings: { total_ms: 5 },
      extra: { id: "other", status: "failed", error: "made up", extra: 1 },
    });
  });
});
