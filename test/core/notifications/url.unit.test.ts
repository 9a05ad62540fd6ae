/** Deliveries go to public addresses only, however an address is written. */
import { describe, expect, it } from "vitest";
import { requireDeliverableUrl } from "../../../src/core/notifications";
import { refusal } from "../../../src/core/notifications/url";
import { AppError } from "../../../src/errors";

const POLICY = { allowLoopbackWebhooks: false, refusedWebhookHosts: ["leads.example.org"] };
const LOCAL = { ...POLICY, allowLoopbackWebhooks: true };
const refused = (url: string) => refusal(url, POLICY) !== null;

describe("a public URL is taken", () => {
  it.each([
    "https://example.com/hook",
    "http://example.com:8080/hook?x=1#y",
    "https://hooks.slack.com/services/T0/B0/x",
    "https://bücher.example/hook",
    "https://8.8.8.8/",
    "https://11.0.0.1/",
    "https://100.63.255.255/",
    "https://100.128.0.1/",
    "https://172.15.0.1/",
    "https://172.32.0.1/",
    "https://192.167.0.1/",
    "https://198.17.0.1/",
    "https://198.20.0.1/",
    "https://223.255.255.255/",
    "https://[2606:4700:4700::1111]/",
    "https://[2a00:1450:4001:81b::200e]:8443/",
    "https://localhost.example.com/",
    "https://internal.example.com/",
    "https://10.example.com/",
  ])("%s", (url) => expect(refusal(url, POLICY)).toBeNull());
});

describe("what is no web address of a host is refused", () => {
  it.each([
    "",
    "example.com/hook",
    "/hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://example.com/",
    "https://",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://:password@example.com/",
    `https://example.com/${"x".repeat(2000)}`,
  ])("%s", (url) => expect(refused(url)).toBe(true));
});

describe("an address that is not public is refused", () => {
  it.each([
    ["unspecified", ["0.0.0.0", "0.1.2.3"]],
    ["private", ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"]],
    ["carrier-grade NAT", ["100.64.0.0", "100.100.100.200", "100.127.255.255"]],
    ["loopback", ["127.0.0.1", "127.255.255.254"]],
    ["link-local and cloud metadata", ["169.254.0.1", "169.254.169.254", "169.254.170.2"]],
    ["documentation", ["192.0.2.1", "198.51.100.1", "203.0.113.255"]],
    ["protocol assignments, relays, benchmarks", ["192.0.0.1", "192.0.0.192", "192.88.99.1", "198.18.0.1", "198.19.255.255"]],
    ["multicast, reserved, broadcast", ["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]],
    ["IPv6 unspecified and loopback", ["[::]", "[::1]", "[0:0:0:0:0:0:0:1]"]],
    ["IPv6 unique-local", ["[fc00::1]", "[fd00:ec2::254]", "[fdff:ffff::1]"]],
    ["IPv6 link-local, site-local, multicast", ["[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]"]],
    ["IPv6 documentation and protocol assignments", ["[2001:db8::1]", "[3fff::1]", "[3fff:fff::1]", "[2001::1]", "[2001:10::1]"]],
    ["IPv6 discard-only and unassigned", ["[100::1]", "[4000::1]", "[5f00::1]"]],
    ["IPv4-mapped", ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]"]],
    ["IPv4-compatible", ["[::127.0.0.1]", "[::a00:1]"]],
    ["NAT64", ["[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::10.0.0.1]"]],
    ["6to4 and Teredo", ["[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]"]],
    ["one number", ["2130706433", "0x7f000001", "017700000001", "3232235777", "2852039166"]],
    ["octal, hexadecimal and short forms", ["0177.0.0.1", "0x7f.0.0.1", "127.1", "127.0.1", "10.1", "0xa9.0xfe.0xa9.0xfe", "0"]],
    ["full-width and percent-encoded digits", ["１２７.0.0.1", "%31%32%37.0.0.1", "127。0。0。1"]],
    ["a trailing dot", ["127.0.0.1.", "localhost.", "example.com.", "metadata.google.internal."]],
    [
      "names of this machine and of local networks",
      ["localhost", "LOCALHOST", "a.localhost", "printer.local", "db.internal", "router", "x.lan"],
    ],
    ["metadata services", ["metadata.google.internal", "METADATA.GOOGLE.INTERNAL", "metadata", "instance-data.ec2.internal"]],
  ])("%s", (_, hosts) => {
    for (const host of hosts) {
      expect(refused(`http://${host}/`), host).toBe(true);
      expect(refused(`https://${host}:8443/x?y`), host).toBe(true);
    }
  });
});

describe("with loopback allowed", () => {
  it("exactly this machine is let through, and nothing else", () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) expect(refusal(`http://${host}:9999/x`, LOCAL), host).toBeNull();
    for (const host of [
      "127.0.0.2",
      "a.localhost",
      "localhost.",
      "0.0.0.0",
      "[::]",
      "[::ffff:127.0.0.1]",
      "10.0.0.1",
      "169.254.169.254",
      "x.local",
    ]) {
      expect(refusal(`http://${host}/`, LOCAL), host).not.toBeNull();
    }
    expect(refusal("http://user@localhost/", LOCAL)).not.toBeNull();
    expect(refusal("ftp://localhost/", LOCAL)).not.toBeNull();
  });
});

it("the complaint is about the field that the caller names", () => {
  const act = () => requireDeliverableUrl("http://10.0.0.1/", POLICY, "webhook_url");
  expect(act).toThrow(AppError);
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({
      code: "invalid_request",
      problems: [{ path: "webhook_url", message: expect.stringContaining("public host") }],
    });
  }
  expect(() => requireDeliverableUrl("https://example.com/", POLICY, "webhook_url")).not.toThrow();
});

it("only the ports of HTTP and HTTPS and their usual alternatives are reached", () => {
  for (const port of ["", ":80", ":443", ":8080", ":8443"]) expect(refused(`https://example.com${port}/x`), port).toBe(false);
  for (const port of [":0", ":22", ":25", ":587", ":3306", ":5432", ":6379", ":9200", ":65535"]) {
    expect(refusal(`https://example.com${port}/x`, POLICY), port).toBe("must use one of the ports 80, 443, 8080, 8443");
  }
});

it("hosts that the operator lists are refused with their subdomains, in any spelling", () => {
  for (const host of ["leads.example.org", "api.leads.example.org", "LEADS.example.org", "leads.example%2Eorg"]) {
    expect(refused(`https://${host}/x`), host).toBe(true);
  }
  for (const host of ["example.org", "otherleads.example.org", "leads.example.org.example.com"]) {
    expect(refused(`https://${host}/x`), host).toBe(false);
  }
});
