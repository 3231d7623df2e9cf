import { fetchKey } from "../auth/public-key.ts";
import { reasonOf } from "../reason-of.ts";
import type { Finding } from "./finding.ts";

/** Whether each of the engine's addresses hands out the public key that signatures are checked with. One key is enough. */
export async function checkEngine(addresses: readonly string[], signal: AbortSignal): Promise<readonly Finding[]> {
  const findings = await Promise.all(addresses.map((address) => checkAddress(address, signal)));
  const hasKey = findings.some(({ outcome }) => outcome === "ok");
  return findings.map((finding) =>
    hasKey && finding.outcome === "wrong" ? { ...finding, outcome: "warning" } : finding,
  );
}

async function checkAddress(address: string, signal: AbortSignal): Promise<Finding> {
  const url = `${address}/pubkey/`;
  try {
    await fetchKey(url, signal);
    return { name: "engine", outcome: "ok", found: `${url} gives a public key` };
  } catch (error) {
    return {
      name: "engine",
      outcome: "wrong",
      expected: `a public key from ${url}`,
      found: signal.aborted ? "no answer" : reasonOf(error),
      advice: "see that this machine reaches it, or set REPORT_ADDR",
    };
  }
}
