import { describe, expect, test } from "@jest/globals";
import { forbiddenRange } from "./address-rules.ts";

describe("address rules", () => {
  test.each(["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])("allow %s, a public address", (address) => {
    expect(forbiddenRange(address, {})).toBeUndefined();
  });

  test.each([
    ["127.0.0.1", "loopback"],
    ["127.255.0.3", "loopback"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::7f00:1", "reserved"],
    ["10.1.2.3", "private"],
    ["172.31.0.1", "private"],
    ["192.168.1.1", "private"],
    ["::ffff:10.0.0.1", "private"],
    ["fd00::1", "uniqueLocal"],
    ["169.254.169.254", "linkLocal"],
    ["::ffff:a9fe:a9fe", "linkLocal"],
    ["fe80::1", "linkLocal"],
    ["fe80::1%eth0", "linkLocal"],
    ["100.64.0.1", "carrierGradeNat"],
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["::", "unspecified"],
    ["224.0.0.1", "multicast"],
    ["ff02::1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["240.0.0.1", "reserved"],
    ["198.18.0.1", "reserved"],
    ["64:ff9b::7f00:1", "rfc6052"],
    ["64:ff9b:1::1", "rfc6052"],
    ["2002:7f00:1::", "6to4"],
    ["2001:0:1::", "teredo"],
    ["fec0::1", "deprecatedSiteLocal"],
    ["4000::1", "reserved"],
    ["no address", "unknown"],
  ])("forbid %s (%s)", (address, range) => {
    expect(forbiddenRange(address, {})).toBe(range);
  });

  test("private networks are allowed where that is said, and nothing else with them", () => {
    const rules = { allowPrivate: true };
    const allowed = ["10.0.0.1", "fd00::1", "100.64.0.1", "127.0.0.1", "169.254.169.254"].filter(
      (address) => forbiddenRange(address, rules) === undefined,
    );
    expect(allowed).toEqual(["10.0.0.1", "fd00::1", "100.64.0.1"]);
  });

  test("this machine is allowed where that is said, and nothing else with it", () => {
    const rules = { allowLoopback: true };
    const allowed = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1"].filter(
      (address) => forbiddenRange(address, rules) === undefined,
    );
    expect(allowed).toEqual(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
  });
});
