import { randomUUID } from "node:crypto";
import type { Exchange, Routes } from "../server/exchange.ts";
import type { FaultSettings } from "../server/faults.ts";
import type { Fields } from "../server/read-body.ts";
import { isObject } from "../server/read-body.ts";
import { answerJson, answerText, type ComfyuiState, fieldsOf } from "./comfyui-exchange.ts";
import { comfyuiLogLines } from "./log-lines.ts";
import { type ComfyuiJob, listed } from "./prompt.ts";
import { noPrompt, validatePrompt } from "./validate-prompt.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Prompts, the queue, and what stops them. */
export function promptRoutes(state: ComfyuiState): Routes {
  let nextNumber = 0;
  let failures = 0;
  let countedFaults: FaultSettings | undefined;
  const numberOf = ({ front, number }: Fields): number => {
    if (typeof number === "number") {
      return number;
    }
    nextNumber += 1;
    return front ? 1 - nextNumber : nextNumber - 1;
  };

  const post = (exchange: Exchange): void => {
    const { current } = exchange.settings.faults;
    // Counts anew whenever the faults are set, were they the same.
    failures = current === countedFaults ? failures : 0;
    countedFaults = current;
    if (failures < (current.promptFailures ?? 0)) {
      failures += 1;
      answerText(exchange, current.promptStatus ?? 500, "fault on demand");
      return;
    }
    const fields = fieldsOf(exchange);
    if (fields === undefined) {
      answerText(exchange, 500, "500 Internal Server Error\n\nServer got itself in trouble");
      return;
    }
    state.log(...comfyuiLogLines.gotPrompt());
    take(exchange, fields);
  };

  const take = (exchange: Exchange, fields: Fields): void => {
    const { prompt_id, partial_execution_targets: targets } = fields;
    if (!isObject(fields.prompt)) {
      answerJson(exchange, 400, { error: noPrompt, node_errors: {} });
      return;
    }
    if (state.isNewest && prompt_id !== undefined && !uuid.test(String(prompt_id))) {
      const details = "prompt_id must be a UUID";
      const error = { type: "invalid_prompt_id", message: "Invalid prompt_id", details, extra_info: {} };
      answerJson(exchange, 400, { error, node_errors: {} });
      return;
    }
    const number = numberOf(fields);
    const verdict = validatePrompt(fields.prompt, {
      files: state.files,
      isNewest: state.isNewest,
      targets: Array.isArray(targets) ? targets : undefined,
    });
    state.log(...verdict.lines);
    if (verdict.error !== undefined) {
      state.log(...comfyuiLogLines.invalidPrompt(verdict.error));
      answerJson(exchange, 400, { error: verdict.error, node_errors: verdict.nodeErrors });
      return;
    }
    const { client_id: clientId } = fields;
    const job: ComfyuiJob = {
      promptId: prompt_id === undefined ? randomUUID() : String(prompt_id),
      clientId: clientId === undefined ? undefined : String(clientId),
      number,
      workflow: fields.prompt,
      state: "pending",
      executedNodes: [],
    };
    const extraData = {
      ...(isObject(fields.extra_data) ? fields.extra_data : {}),
      ...(clientId === undefined ? {} : { client_id: clientId }),
    };
    state.jobs.push(job);
    state.worker().put({ job, prompt: verdict.prompt, extraData, outputs: verdict.outputs });
    answerJson(exchange, 200, { prompt_id: job.promptId, number, node_errors: verdict.nodeErrors });
  };

  return {
    "POST /prompt": post,
    "GET /prompt": (exchange) => {
      const { pending, running } = state.worker();
      const remaining = pending.length + (running === undefined ? 0 : 1);
      answerJson(exchange, 200, { exec_info: { queue_remaining: remaining } });
    },
    "GET /queue": (exchange) => {
      const { pending, running } = state.worker();
      const queueRunning = running === undefined ? [] : [listed(running)];
      answerJson(exchange, 200, { queue_running: queueRunning, queue_pending: pending.map(listed) });
    },
    "POST /queue": (exchange) => {
      const { clear, delete: promptIds } = fieldsOf(exchange) ?? {};
      if (clear) {
        state.worker().clear();
      }
      if (Array.isArray(promptIds)) {
        state.worker().delete(promptIds);
      }
      answerText(exchange, 200);
    },
    "POST /interrupt": (exchange) => {
      interrupt(exchange, state);
      answerText(exchange, 200);
    },
    "POST /free": (exchange) => {
      state.worker().free(fieldsOf(exchange) ?? {});
      answerText(exchange, 200);
    },
  };
}

function interrupt(exchange: Exchange, { log, worker }: ComfyuiState): void {
  const named = fieldsOf(exchange)?.prompt_id;
  const isTargeted = typeof named === "string" && !exchange.settings.faults.current.legacyInterrupt;
  if (isTargeted && worker().running?.job.promptId !== named) {
    log(...comfyuiLogLines.notRunning(named));
    return;
  }
  log(...comfyuiLogLines.interrupting(isTargeted ? named : undefined));
  worker().interrupt();
}
