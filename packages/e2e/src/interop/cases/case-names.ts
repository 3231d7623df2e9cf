import { faultCases } from "./faults.ts";
import { changeCases, loadingCases, unsecuredCases } from "./lifecycle.ts";
import { reportSteps } from "./reports.ts";
import { requestCases } from "./requests.ts";
import { sessionCases } from "./sessions.ts";
import { updateCases } from "./updates.ts";

/** The name of everything that is done to both workers. */
export const caseNames: readonly string[] = [
  ...requestCases,
  ...faultCases,
  ...sessionCases,
  ...updateCases,
  ...loadingCases,
  ...unsecuredCases,
  ...changeCases,
  ...reportSteps,
].map(({ name }) => name);
