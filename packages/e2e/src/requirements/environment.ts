import type { Requirement } from "./requirement.ts";

const source = "section 1";

export const environmentRequirements = [
  { id: "env/ports", behaviour: "Listens on WORKER_PORT, and on WORKER_HTTP_PORT or the next port up", source },
  {
    id: "env/internal-loopback",
    behaviour: "The internal port binds to loopback, and knows /session/end, /metrics, /healthz and /readyz alone",
    source,
  },
  {
    id: "env/tls",
    behaviour: "USE_SSL: TLS on the public port, plain HTTP on the internal one, https in the reported URL",
    source,
  },
  {
    id: "env/report-addresses",
    behaviour: "REPORT_ADDR may list several addresses, tried in order until one accepts",
    source,
  },
  {
    id: "env/identity",
    behaviour:
      "CONTAINER_ID, MASTER_TOKEN, PYWORKER_VERSION and the public URL are reported as id, mtoken, version and url",
    source,
  },
  {
    id: "env/unsecured",
    behaviour: "UNSECURED checks no signature, fills in auth_data, takes a bare body as the payload, and warns",
    source,
  },
  {
    id: "env/model-server",
    behaviour: "MODEL_SERVER_URL and MODEL_SERVER_PORT override where the model server listens",
    source,
  },
  {
    id: "env/model-log",
    behaviour: "MODEL_LOG and the three *_LOG_MSG* variables override the log file and its patterns",
    source,
  },
  { id: "env/health-endpoint", behaviour: "MODEL_HEALTH_ENDPOINT may be a path or a full URL", source },
  {
    id: "env/errors-at-once",
    behaviour:
      "Missing and malformed variables are reported all at once, by name, expected and found, before anything listens",
    source,
  },
  { id: "env/npm-start", behaviour: "npm start in an app folder runs the worker from the environment alone", source },
] as const satisfies readonly Requirement[];
