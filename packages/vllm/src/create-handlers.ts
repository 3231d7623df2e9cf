import type { Handler } from "@pyworker/core";
import type { ChosenRoutes } from "./choose-routes.ts";
import { routes } from "./routes/index.ts";
import type { RouteContext } from "./routes/route.ts";

/** A handler for each route that is served; one of them has the benchmark. */
export const createHandlers = ({ measured, served }: ChosenRoutes, context: RouteContext): Handler[] =>
  served.map((path) =>
    routes[path](context)({ path, isMeasured: path === measured, maxQueueTime: context.llm.maxQueueTime }),
  );
