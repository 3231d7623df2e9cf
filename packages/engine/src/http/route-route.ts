import type { Express } from "express";
import { z } from "zod";
import type { EngineParts } from "./parts.ts";

const routeSchema = z.looseObject({
  endpoint: z.string(),
  api_key: z.string(),
  cost: z.coerce.number().nonnegative().default(100),
  /** 0 in a request's first call; later what it was answered. */
  request_idx: z.int().nonnegative().nullish(),
});

/** `POST /route/`: a worker for a request, or a number to ask again with. */
export function addRouteRoute(app: Express, parts: EngineParts): void {
  const { endpoints, holdMs, nextReport, router } = parts;
  app.post("/route", async (request, response) => {
    const parsed = routeSchema.safeParse(request.body);
    if (!parsed.success) {
      response.status(422).json({ error: z.prettifyError(parsed.error) });
      return;
    }
    const { api_key: apiKey, cost, endpoint, request_idx: given } = parsed.data;
    const known = endpoints.find(({ name }) => name === endpoint);
    if (known?.apiKey !== apiKey) {
      const names = endpoints.map(({ name }) => `"${name}"`).join(", ");
      const error = known
        ? "the api_key is not this endpoint's"
        : `no endpoint is called "${endpoint}"; there is ${names}`;
      response.status(known ? 401 : 404).json({ error });
      return;
    }
    const wanted = { cost, endpoint, requestIdx: given || router.nextRequestIdx() };
    const left = new AbortController();
    response.on("close", () => left.abort());
    // Clients poll on their own, seconds apart; held meanwhile, they hear of a ready worker at once. Who leaves takes none.
    const held = AbortSignal.any([AbortSignal.timeout(holdMs), left.signal]);
    let answer = router.route(wanted);
    while (answer === undefined && !held.aborted) {
      await nextReport(held);
      answer = router.route(wanted);
    }
    response.json(answer ?? { request_idx: wanted.requestIdx, status: "no worker is ready" });
  });
}
