import { audioGenerateRoute } from "./audio-generate.ts";
import { chatBatchRoute } from "./chat-batch.ts";
import { chatRoute } from "./chat-completions.ts";
import { completionRoute } from "./completions.ts";
import { embeddingRoute } from "./embeddings.ts";
import { imageEditRoute } from "./image-edits.ts";
import { imageGenerationRoute } from "./image-generations.ts";
import { messageRoute } from "./messages.ts";
import { rerankRoute } from "./rerank.ts";
import { responseRoute } from "./responses.ts";
import type { Route } from "./route.ts";
import { scoreRoute } from "./score.ts";
import { speechBatchRoute, speechRoute } from "./speech.ts";
import { tokenizeRoute } from "./tokenize.ts";
import { transcriptionRoute } from "./transcriptions.ts";
import { videoRoute } from "./videos.ts";

/** All routes that a worker can serve. Which of them an engine has depends on its model. */
export const routes = {
  "/v1/completions": completionRoute,
  "/v1/chat/completions": chatRoute,
  "/v1/chat/completions/batch": chatBatchRoute,
  "/v1/embeddings": embeddingRoute,
  "/v1/rerank": rerankRoute,
  "/v1/score": scoreRoute,
  "/v1/responses": responseRoute,
  "/v1/messages": messageRoute,
  "/tokenize": tokenizeRoute,
  "/v1/audio/speech": speechRoute,
  "/v1/audio/speech/batch": speechBatchRoute,
  "/v1/audio/generate": audioGenerateRoute,
  "/v1/audio/transcriptions": transcriptionRoute,
  "/v1/audio/translations": transcriptionRoute,
  "/v1/images/generations": imageGenerationRoute,
  "/v1/images/edits": imageEditRoute,
  "/v1/videos/sync": videoRoute,
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

export const isRouteName = (path: string): path is RouteName => Object.hasOwn(routes, path);
