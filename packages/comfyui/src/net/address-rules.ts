import ipaddr from "ipaddr.js";

/** Which addresses are allowed beside those of the public internet. */
export interface AddressRules {
  /** Private networks: RFC 1918, unique local IPv6, carrier-grade NAT. Default false. */
  allowPrivate?: boolean | undefined;
  /** This machine. Default false. */
  allowLoopback?: boolean | undefined;
}

const privateRanges: readonly string[] = ["private", "uniqueLocal", "carrierGradeNat"];

/** The name of the range that forbids an address (`loopback`, `linkLocal` …); undefined where it is allowed. */
export function forbiddenRange(address: string, { allowLoopback, allowPrivate }: AddressRules): string | undefined {
  const range = rangeOf(address);
  const isAllowed =
    range === "unicast" ||
    (allowLoopback === true && range === "loopback") ||
    (allowPrivate === true && privateRanges.includes(range));
  return isAllowed ? undefined : range;
}

function rangeOf(address: string): string {
  if (!ipaddr.isValid(address)) {
    return "unknown";
  }
  // An IPv4-mapped address is the IPv4 address that it stands for.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  return range === "unicast" && parsed instanceof ipaddr.IPv6 && !isGlobal(parsed) ? "reserved" : range;
}

/** Only 2000::/3 is given out; what else has no name of its own (`::7f00:1`, the IPv4-compatible 127.0.0.1) is no host. */
const isGlobal = ({ parts }: ipaddr.IPv6): boolean => ((parts[0] ?? 0) & 0xe000) === 0x2000;
