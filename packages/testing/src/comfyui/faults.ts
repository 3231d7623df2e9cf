/** What a stand-in for ComfyUI does wrong, beside what every stand-in can. */
export interface ComfyuiFaults {
  /** `silent`: sockets are accepted and never hear anything; `refused`: they are not accepted. */
  socket?: "silent" | "refused";
  /** Break a job's socket after so many of its events, once for each job. */
  dropSocketAfterEvents?: number;
  /** An old socket that closes takes with it the new one of the same client id, which then hears nothing more. */
  reconnectRace?: boolean;
  /** The thread that runs prompts dies of the next one: all routes answer, and nothing runs until `restart()`. */
  deadWorker?: boolean;
  /** So long after `execution_success` the history is written. */
  historyDelayMs?: number;
  /** `/view` finds nothing. */
  viewMissing?: boolean;
  /** Answer `POST /prompt` with this status, 500 where left out, so many times. */
  promptFailures?: number;
  promptStatus?: number;
  /** `POST /interrupt` stops whatever runs, whichever prompt it names, as before August 2025. */
  legacyInterrupt?: boolean;
  /** What runs doesn't notice that it is interrupted, as within the loading of a model. */
  deafToInterrupt?: boolean;
}
