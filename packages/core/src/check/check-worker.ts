import { setTimeout as sleep } from "node:timers/promises";
import { type ConfigDraft, draftConfig, type WorkerOptions } from "../config.ts";
import type { ConfigurationProblem, RawEnvironment } from "../env.ts";
import { reasonOf } from "../reason-of.ts";
import { withoutPasswords } from "../without-passwords.ts";
import { checkCertificate } from "./check-certificate.ts";
import { checkEngine } from "./check-engine.ts";
import { checkBenchmarkFile, checkLogFile } from "./check-files.ts";
import { checkModelServer } from "./check-model-server.ts";
import { checkPort } from "./check-port.ts";
import type { Finding } from "./finding.ts";

/** One thing to look at. */
interface Check {
  name: string;
  /** The settings it goes by: where one of them is wrong, looking at what stands in its place would mislead. */
  needs: readonly string[];
  look(signal: AbortSignal): Promise<readonly Finding[]>;
}

const defaultTimeoutMilliseconds = 5000;
const graceMilliseconds = 500;

/** Looks at everything that a start depends on, all at once. Never rejects, and is done soon after the timeout. */
export async function checkWorker(
  options: WorkerOptions,
  raw: RawEnvironment,
  timeoutMilliseconds = defaultTimeoutMilliseconds,
): Promise<readonly Finding[]> {
  const draft = draftConfig(options, raw);
  const faults = new Set(draft.problems.map(({ name }) => name));
  const looks = checksOf(options, draft).map((check) => {
    const fault = check.needs.find((name) => faults.has(name));
    return fault === undefined
      ? lookWithin(timeoutMilliseconds, check)
      : [{ name: check.name, outcome: "skipped", found: `${fault} is wrong` } as const];
  });
  const findings = [...checkConfiguration(draft), ...(await Promise.all(looks)).flat()];
  return findings.map(publicly);
}

function checksOf(options: WorkerOptions, { environment, healthUrl, modelLogFiles, modelUrl }: ConfigDraft): Check[] {
  const modelSettings = ["modelServerUrl", "MODEL_SERVER_URL", "MODEL_SERVER_PORT", "modelHealthcheckUrl"];
  const { WORKER_HOST: host, WORKER_HTTP_HOST: internalHost, WORKER_PORT: port } = environment;
  const { WORKER_HTTP_PORT: internalPort = port + 1 } = environment;
  // The model is started by the worker, or told of by other means than its log: a log that isn't there keeps nobody.
  const needsLog = options.lifecycle === undefined && options.watchModel === undefined;
  return [
    {
      name: "model server",
      needs: modelSettings,
      look: (signal) => {
        if (options.lifecycle !== undefined) {
          return skipped("model server", "the worker starts the model itself");
        }
        return options.checkModel?.(signal) ?? checkModelServer({ modelUrl, healthUrl, signal });
      },
    },
    ...modelLogFiles.map((path) => ({
      name: "model log",
      needs: ["MODEL_LOG"],
      look: () => checkLogFile(path, needsLog),
    })),
    {
      name: "engine",
      needs: ["REPORT_ADDR"],
      look: (signal) =>
        environment.UNSECURED
          ? skipped("engine", "UNSECURED is true: no signature is checked")
          : checkEngine(environment.REPORT_ADDR, signal),
    },
    {
      name: "WORKER_PORT",
      needs: ["WORKER_PORT"],
      look: (signal) => checkPort({ name: "WORKER_PORT", host, port, signal }),
    },
    {
      name: "WORKER_HTTP_PORT",
      needs: ["WORKER_PORT", "WORKER_HTTP_PORT"],
      look: (signal) => checkPort({ name: "WORKER_HTTP_PORT", host: internalHost, port: internalPort, signal }),
    },
    {
      name: "certificate",
      needs: ["USE_SSL"],
      look: () => (environment.USE_SSL ? checkCertificate(environment) : skipped("certificate", "USE_SSL is not true")),
    },
    { name: "BENCHMARK_FILE", needs: [], look: () => checkBenchmarkFile(environment.BENCHMARK_FILE) },
  ];
}

async function skipped(name: string, found: string): Promise<readonly Finding[]> {
  return [{ name, outcome: "skipped", found }];
}

function checkConfiguration({ environment, problems }: ConfigDraft): readonly Finding[] {
  const findings = problems.map(
    (problem: ConfigurationProblem): Finding => ({
      ...problem,
      outcome: "wrong",
      ...(problem.found === "nothing" && rentedNames.test(problem.name) ? { advice: rentedAdvice } : {}),
    }),
  );
  const found = `nothing wrong; this worker is reached at ${environment.publicUrl}`;
  return findings.length > 0 ? findings : [{ name: "configuration", outcome: "ok", found }];
}

const rentedNames = /^(CONTAINER_ID|PUBLIC_IPADDR|VAST_TCP_PORT_\d+)$/;
const rentedAdvice = "a rented machine sets it; on any other set UNSECURED to true";

/** What takes too long, or throws, is a finding too. A look that says itself what didn't answer has a moment for it. */
async function lookWithin(milliseconds: number, { look, name }: Check): Promise<readonly Finding[]> {
  const done = new AbortController();
  const tooLong = sleep(milliseconds + graceMilliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(`nothing within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([look(AbortSignal.timeout(milliseconds)), tooLong]);
  } catch (error) {
    return [{ name, outcome: "wrong", expected: "an answer", found: reasonOf(error) }];
  } finally {
    done.abort();
  }
}

const publicly = ({ expected, found, ...rest }: Finding): Finding => ({
  ...rest,
  found: withoutPasswords(found),
  ...(expected === undefined ? {} : { expected: withoutPasswords(expected) }),
});
