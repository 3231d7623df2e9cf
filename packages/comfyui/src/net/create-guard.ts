import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { type AddressRules, forbiddenRange } from "./address-rules.ts";
import { FetchError } from "./fetch-error.ts";

export interface GuardOptions extends AddressRules {
  /** Hosts that are allowed whatever address they have: `name`, or `name:port` for that port alone. */
  allowedHosts?: readonly string[] | undefined;
  /** Resolves names. Default: the system's. */
  lookup?: LookupFunction | undefined;
}

/** Decides which hosts a request may reach. */
export interface Guard {
  /** Connects to allowed addresses only. For undici's `connect` option. */
  readonly connect: buildConnector.connector;
  /** Throws FetchError where a URL's host is an address that is not allowed. For a client that connects by itself, with `lookupFor`. */
  check(url: URL): void;
  /** Finds a URL's host at allowed addresses only. */
  lookupFor(url: URL): LookupFunction;
}

interface Target {
  hostname: string;
  port: string;
  protocol: string;
}

const connectTimeoutMilliseconds = 10_000;
const defaultPorts: Record<string, string> = { "http:": "80", "https:": "443" };

/**
 * A guard against requests to the inside. It checks the address that is connected to, and not the one that a name had a
 * moment before: a name that changes its answer gets nowhere.
 */
export function createGuard(options: GuardOptions = {}): Guard {
  const lookup = options.lookup ?? ((name, settings, callback) => systemLookup(name, settings, callback));
  const settings = { allowH2: false, timeout: connectTimeoutMilliseconds };
  const connectAnywhere = buildConnector({ ...settings, lookup });
  const connectGuarded = buildConnector({ ...settings, lookup: guardLookup(lookup, options) });
  const exempt = new Set(options.allowedHosts?.map((host) => host.toLowerCase()));
  const isExempt = ({ hostname, port, protocol }: Target): boolean => {
    // undici names an IPv6 address without the brackets that it has in a URL.
    const name = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
    return exempt.has(name) || exempt.has(`${name}:${port || (defaultPorts[protocol] ?? "")}`);
  };
  /** Node asks nobody for the address of an address. */
  const rangeOf = (hostname: string): string | undefined =>
    isIP(hostname) === 0 ? undefined : forbiddenRange(hostname, options);
  return {
    connect: (target, callback) => {
      if (isExempt(target)) {
        connectAnywhere(target, callback);
        return;
      }
      const range = rangeOf(target.hostname);
      if (range === undefined) {
        connectGuarded(target, callback);
      } else {
        callback(refusal(target.hostname, range), null);
      }
    },
    check: (url) => {
      const range = isExempt(url) ? undefined : rangeOf(url.hostname.replace(/^\[(.*)\]$/, "$1"));
      if (range !== undefined) {
        throw refusal(url.hostname, range);
      }
    },
    lookupFor: (url) => (isExempt(url) ? lookup : guardLookup(lookup, options)),
  };
}

/** Resolves a name to those of its addresses that are allowed; fails where none is. */
const guardLookup =
  (lookup: LookupFunction, rules: AddressRules): LookupFunction =>
  (name, settings, callback) => {
    lookup(name, { ...settings, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const addresses = typeof found === "string" ? [{ address: found, family: isIP(found) }] : found;
      const allowed = addresses.filter(({ address }) => forbiddenRange(address, rules) === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const range = forbiddenRange(addresses[0]?.address ?? "", rules);
        callback(refusal(name, range ?? "unknown"), []);
      } else if (settings.all) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };

/** Says the kind of the address and not the address: what names of the inside resolve to is nobody's business. */
const refusal = (host: string, range: string): FetchError =>
  new FetchError("refused", `${host} is at an address that is not allowed (${range})`);
