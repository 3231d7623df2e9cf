import { afterEach, describe, expect, test } from "@jest/globals";
import {
  ConfigurationError,
  type ConfigurationProblem,
  processEnvironment,
  type RawEnvironment,
  readEnvironment,
  readVariables,
  variables,
} from "./env.ts";

const required = { CONTAINER_ID: "7", PUBLIC_IPADDR: "1.2.3.4", VAST_TCP_PORT_3000: "40123" };

function read(raw: RawEnvironment, base: RawEnvironment = required) {
  const problems: ConfigurationProblem[] = [];
  return { environment: readEnvironment({ ...base, ...raw }, problems), problems };
}

describe("an environment", () => {
  test("needs no more than who and where the worker is", () => {
    const { environment, problems } = read({});
    expect(problems).toEqual([]);
    expect(environment).toEqual({
      WORKER_PORT: 3000,
      WORKER_HOST: "0.0.0.0",
      WORKER_HTTP_PORT: undefined,
      WORKER_HTTP_HOST: "127.0.0.1",
      USE_SSL: false,
      SSL_CERT_FILE: "/etc/instance.crt",
      SSL_KEY_FILE: "/etc/instance.key",
      REPORT_ADDR: ["https://run.vast.ai"],
      MASTER_TOKEN: "",
      CONTAINER_ID: 7,
      PUBLIC_IPADDR: "1.2.3.4",
      UNSECURED: false,
      CHECK_AUTH_URL: true,
      MODEL_SERVER_URL: undefined,
      MODEL_SERVER_PORT: undefined,
      MODEL_API_KEY: undefined,
      MODEL_LOG: undefined,
      MODEL_HEALTH_ENDPOINT: undefined,
      MODEL_LOAD_LOG_MSG: undefined,
      MODEL_ERROR_LOG_MSGS: undefined,
      MODEL_INFO_LOG_MSGS: undefined,
      PYWORKER_VERSION: "1.1.0",
      BENCHMARK_FILE: ".has_benchmark",
      FORCE_UPDATE_FILE: "/.force_update",
      SESSION_CLOSE_HOSTS: [],
      DRAIN_SECONDS: 30,
      LOG_LEVEL: "info",
      publicUrl: "http://1.2.3.4:40123",
    });
  });

  test.each([
    ["WORKER_HTTP_PORT", "1", 1],
    ["WORKER_HTTP_PORT", "65535", 65535],
    ["WORKER_HOST", "::", "::"],
    ["WORKER_HTTP_HOST", "0.0.0.0", "0.0.0.0"],
    ["USE_SSL", "true", true],
    ["USE_SSL", "false", false],
    ["SSL_KEY_FILE", "/a.key", "/a.key"],
    ["REPORT_ADDR", "http://a:1", ["http://a:1"]],
    ["REPORT_ADDR", " https://a/ ,http://b/api/v0//, ", ["https://a", "http://b/api/v0"]],
    ["MASTER_TOKEN", "s3cret", "s3cret"],
    ["CONTAINER_ID", "0", 0],
    ["CONTAINER_ID", "12345678", 12345678],
    ["PUBLIC_IPADDR", "worker-1.example", "worker-1.example"],
    ["PUBLIC_IPADDR", " 1.2.3.4\n", "1.2.3.4"],
    ["UNSECURED", "true", true],
    ["CHECK_AUTH_URL", "false", false],
    ["MODEL_SERVER_URL", "http://127.0.0.1:18000/", "http://127.0.0.1:18000"],
    ["MODEL_SERVER_PORT", "18000", 18000],
    ["MODEL_API_KEY", "sk-1\n", "sk-1"],
    ["MODEL_LOG", "/var/log/model.log", "/var/log/model.log"],
    ["MODEL_HEALTH_ENDPOINT", "/health", "/health"],
    ["MODEL_LOAD_LOG_MSG", "Application startup complete.", ["Application startup complete."]],
    ["MODEL_ERROR_LOG_MSGS", "one\n two \n\n", ["one", "two"]],
    ["MODEL_INFO_LOG_MSGS", '"message":"Download, now"', ['"message":"Download, now"']],
    ["PYWORKER_VERSION", "2.0.0", "2.0.0"],
    ["BENCHMARK_FILE", "/tmp/b", "/tmp/b"],
    ["FORCE_UPDATE_FILE", "/tmp/f", "/tmp/f"],
    ["SESSION_CLOSE_HOSTS", "a.example, b.example", ["a.example", "b.example"]],
    ["DRAIN_SECONDS", "0", 0],
    ["DRAIN_SECONDS", "2.5", 2.5],
    ["LOG_LEVEL", "debug", "debug"],
  ])("%s may be %j", (name, given, value) => {
    const { environment, problems } = read({ [name]: given });
    expect(problems).toEqual([]);
    expect(environment).toMatchObject({ [name]: value });
  });

  test.each([
    ["WORKER_PORT", ["0", "65536", "-1", "80.5", "http", "0x50", " 80", "1e3"]],
    ["WORKER_HTTP_PORT", ["0", "65536", "x"]],
    ["USE_SSL", ["yes", "1", "True", "TRUE"]],
    [
      "REPORT_ADDR",
      ["run.vast.ai", "ftp://a", "http://", "https://a,b", ",", "http://a b", "http:///x", "http://a:99999"],
    ],
    ["CONTAINER_ID", ["x", "-1", "1.5", "C.123", "99999999999999999999"]],
    ["PUBLIC_IPADDR", ["not a host", "http://1.2.3.4", "1.2.3.4/x", "1.2.3.4:80", "1.2.3.999", "a@b", "::1::", "[::1"]],
    ["UNSECURED", ["yes", "0", "False"]],
    ["CHECK_AUTH_URL", ["no"]],
    ["MODEL_SERVER_URL", ["127.0.0.1:18000", "unix:/tmp/s", "http://"]],
    ["MODEL_SERVER_PORT", ["0", "vllm"]],
    ["DRAIN_SECONDS", ["-1", "soon", "1e3", "Infinity", "9999999"]],
    ["LOG_LEVEL", ["loud", "INFO"]],
  ] as const)("%s may be nothing else than it says", (name, wrong) => {
    for (const given of wrong) {
      const { environment, problems } = read({ VAST_TCP_PORT_3000: "40123", [name]: given });
      expect(problems).toEqual([{ name, expected: variables[name].expected, found: JSON.stringify(given) }]);
      expect(environment[name]).toEqual(read({ [name]: undefined }).environment[name]);
    }
  });

  test("has no authorities of OpenSSL's for its certificate", () => {
    const own = { SSL_CERT_FILE: "/a.crt", SSL_KEY_FILE: "/a.key" };
    expect(read(own).environment).toMatchObject(own);
    expect(read({ SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" }).environment).toMatchObject({
      SSL_CERT_FILE: "/etc/instance.crt",
    });
  });

  test("is told of a wrong secret without the secret", () => {
    const { problems } = read({ MODEL_API_KEY: "sk-1\nsk-2" });
    expect(problems).toMatchObject([{ name: "MODEL_API_KEY" }]);
    expect(JSON.stringify(problems)).not.toContain("sk-1");
  });

  test("keeps the password of a URL out of what is said", () => {
    const { problems } = read({ MODEL_SERVER_URL: "htp://me:secret@1.2.3.4" });
    const { message } = new ConfigurationError(problems);
    expect(message).toContain('found "htp://1.2.3.4"');
    expect(message).not.toContain("secret");
  });

  test("is told of all that is wrong at once, each by name, what was expected and what was found", () => {
    const { environment, problems } = read(
      { WORKER_PORT: "x", USE_SSL: "y", CONTAINER_ID: "z", REPORT_ADDR: "w", LOG_LEVEL: "v" },
      {},
    );
    expect(problems).toEqual([
      { name: "WORKER_PORT", expected: "a port from 1 to 65535", found: '"x"' },
      { name: "USE_SSL", expected: "true or false", found: '"y"' },
      { name: "REPORT_ADDR", expected: "http(s) URLs, separated by commas", found: '"w"' },
      { name: "CONTAINER_ID", expected: "a whole number", found: '"z"' },
      { name: "LOG_LEVEL", expected: variables.LOG_LEVEL.expected, found: '"v"' },
      { name: "VAST_TCP_PORT_3000", expected: "a port from 1 to 65535", found: "nothing" },
      { name: "PUBLIC_IPADDR", expected: "an IP address or a host name", found: "nothing" },
    ]);
    // The engine can still be told.
    expect(environment.REPORT_ADDR).toEqual(["https://run.vast.ai"]);
    const { message, problems: kept } = new ConfigurationError(problems);
    expect(message).toContain("7 problem(s)");
    expect(message).toContain('  USE_SSL: expected true or false, found "y"');
    expect(kept).toBe(problems);
  });

  test("names no address to report to while nobody has rented an unsecured worker", () => {
    const addresses = (raw: Record<string, string>) => readEnvironment({ UNSECURED: "true", ...raw }, []).REPORT_ADDR;
    expect(addresses({})).toEqual([]);
    expect(addresses({ CONTAINER_ID: "7" })).toEqual(["https://run.vast.ai"]);
    expect(addresses({ REPORT_ADDR: "http://127.0.0.1:1" })).toEqual(["http://127.0.0.1:1"]);
  });

  test.each(["CONTAINER_ID", "PUBLIC_IPADDR", "VAST_TCP_PORT_3000"])(
    "can do without %s only when unsecured",
    (name) => {
      for (const missing of [undefined, ""]) {
        expect(read({ [name]: missing }).problems).toMatchObject([{ name, found: "nothing" }]);
        expect(read({ [name]: missing, UNSECURED: "true" }).problems).toEqual([]);
      }
    },
  );

  test("takes an empty variable for an unset one", () => {
    const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, ""]));
    expect(read({ ...empty, ...required })).toEqual(read({}));
  });

  test("needs two ports that differ", () => {
    const name = "WORKER_HTTP_PORT";
    expect(read({ WORKER_HTTP_PORT: "3000" }).problems).toMatchObject([{ name, found: '"3000"' }]);
    const last = { WORKER_PORT: "65535", VAST_TCP_PORT_65535: "40123" };
    expect(read(last).problems).toMatchObject([{ name, found: expect.stringContaining("nothing") }]);
    expect(read({ ...last, WORKER_HTTP_PORT: "3001" }).problems).toEqual([]);
  });
});

describe("the public URL", () => {
  test.each([
    [{}, "http://1.2.3.4:40123"],
    [{ USE_SSL: "true" }, "https://1.2.3.4:40123"],
    [{ PUBLIC_IPADDR: "2001:db8::1" }, "http://[2001:db8::1]:40123"],
    [{ PUBLIC_IPADDR: "[2001:db8::1]" }, "http://[2001:db8::1]:40123"],
    [{ PUBLIC_IPADDR: "worker.example" }, "http://worker.example:40123"],
    [{ WORKER_PORT: "8000", VAST_TCP_PORT_8000: "80" }, "http://1.2.3.4:80"],
    [{ UNSECURED: "true", PUBLIC_IPADDR: "", VAST_TCP_PORT_3000: "" }, "http://127.0.0.1:3000"],
  ])("of %j is %s", (raw, url) => {
    const { environment, problems } = read(raw);
    expect(problems).toEqual([]);
    expect(environment.publicUrl).toBe(url);
  });

  test.each(["0", "65536", "x", "40123 "])("needs a port: VAST_TCP_PORT_3000 may not be %j", (given) => {
    for (const UNSECURED of ["true", "false"]) {
      expect(read({ UNSECURED, VAST_TCP_PORT_3000: given }).problems).toEqual([
        { name: "VAST_TCP_PORT_3000", expected: "a port from 1 to 65535", found: JSON.stringify(given) },
      ]);
    }
  });
});

describe("the process's environment", () => {
  const name = "PYWORKER_TEST_VARIABLE";
  afterEach(() => {
    delete process.env[name];
  });

  test("is where it is read from", () => {
    process.env[name] = "value";
    expect(processEnvironment()[name]).toBe("value");
    expect(readVariables([name, "PYWORKER_TEST_UNSET"])).toEqual({ [name]: "value" });
    process.env[name] = "";
    expect(readVariables([name])).toEqual({});
  });
});
