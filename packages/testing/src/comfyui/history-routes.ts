import type { Routes } from "../server/exchange.ts";
import { answerJson, answerText, type ComfyuiState, fieldsOf, lastPartOf, queryOf } from "./comfyui-exchange.ts";

/** What has become of prompts. */
export const historyRoutes = (state: ComfyuiState): Routes => ({
  "GET /history": (exchange) => {
    const query = queryOf(exchange);
    const items = [...state.worker().history];
    const most = Number(query.get("max_items") ?? items.length);
    const from = Number(query.get("offset") ?? Math.max(0, items.length - most));
    answerJson(exchange, 200, Object.fromEntries(items.slice(from, from + most)));
  },
  "GET /history/{id}": (exchange) => {
    const promptId = lastPartOf(exchange);
    const item = state.worker().history.get(promptId);
    answerJson(exchange, 200, item === undefined ? {} : { [promptId]: item });
  },
  "POST /history": (exchange) => {
    const { clear, delete: promptIds } = fieldsOf(exchange) ?? {};
    const { history } = state.worker();
    if (clear) {
      history.clear();
    }
    for (const promptId of Array.isArray(promptIds) ? promptIds : []) {
      history.delete(String(promptId));
    }
    answerText(exchange, 200);
  },
});
