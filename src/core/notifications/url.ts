/**
 * Which URLs deliveries may go to (pure). The address is judged as the URL parser writes it, which has already undone octal, hexadecimal,
 * single-number, percent-encoded and full-width spellings. A public name that resolves to a private address is not seen here: a Worker in
 * production cannot reach one, as its requests leave through Cloudflare's edge; `wrangler dev` on a private network could.
 */
import type { Settings } from "../../context";
import { AppError } from "../../errors";

const URL_CHARS_MAX = 2000;

/** Of HTTP and HTTPS, and their usual alternatives: a webhook is no way to reach the other services of a host. */
const PORTS = [80, 443, 8080, 8443];

/** What the operator set about webhooks. */
export type WebhookPolicy = Pick<Settings, "allowLoopbackWebhooks" | "refusedWebhookHosts">;

/** Names of this machine, of a local network, or of a cloud's metadata service. */
const PRIVATE_SUFFIXES = ["localhost", "local", "internal", "localdomain", "home.arpa", "lan"];
const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/** IANA special-purpose registry (RFC 6890 and its updates): first address, prefix length. */
const RESERVED_IPV4: readonly [string, number][] = [
  ["0.0.0.0", 8], // this network, unspecified
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, cloud metadata
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];

/** Inside 2000::/3, the only part of IPv6 that is public: what is not. First groups, prefix length. */
const RESERVED_IPV6: readonly [readonly number[], number][] = [
  [[0x2001, 0], 23], // protocol assignments, Teredo, ORCHID
  [[0x2001, 0xdb8], 32], // documentation
  [[0x2002], 16], // 6to4: carries an IPv4 address
  [[0x3fff], 20], // documentation
];

/** Why a URL is refused, as the end of a sentence that begins with its name; null when it is fine. */
export function refusal(url: string, { allowLoopbackWebhooks, refusedWebhookHosts }: WebhookPolicy): string | null {
  if (url.length > URL_CHARS_MAX) return `must be at most ${URL_CHARS_MAX} characters`;
  if (!URL.canParse(url)) return "must be a URL such as https://example.com/hook";
  const { protocol, username, password, hostname, port } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return "must begin with https:// or http://";
  if (username !== "" || password !== "") return "must not hold a user name or password";
  if (allowLoopbackWebhooks && LOOPBACK_HOSTS.includes(hostname)) return null;
  if (!isPublicHost(hostname)) return "must name a public host: private, local and reserved addresses are refused";
  if (refusedWebhookHosts.some((host) => isWithin(hostname, host))) return "must not name a host of this service's operator";
  return port === "" || PORTS.includes(Number(port)) ? null : `must use one of the ports ${PORTS.join(", ")}`;
}

const isWithin = (hostname: string, zone: string): boolean => hostname === zone || hostname.endsWith(`.${zone}`);

/** Throws invalid_request, its problem at `path`, for a URL that deliveries may not go to. */
export function requireDeliverableUrl(url: string, policy: WebhookPolicy, path: string): void {
  const message = refusal(url, policy);
  if (message) throw new AppError("invalid_request", `${path}: ${message}`, [{ path, message }]);
}

function isPublicHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return isPublicIpv6(ipv6Groups(hostname.slice(1, -1)));
  if (/^[\d.]+$/.test(hostname)) return isPublicIpv4(hostname);
  // a name without a dot is of a local network; one that ends with a dot is another spelling of a name that may be listed
  if (!hostname.includes(".") || hostname.endsWith(".")) return false;
  return !PRIVATE_SUFFIXES.some((suffix) => hostname.endsWith(`.${suffix}`));
}

function isPublicIpv4(address: string): boolean {
  const wanted = ipv4Number(address);
  return !RESERVED_IPV4.some(([first, length]) => wanted >>> (32 - length) === ipv4Number(first) >>> (32 - length));
}

const ipv4Number = (address: string): number => address.split(".").reduce((number, part) => ((number << 8) | Number(part)) >>> 0, 0);

/** Mapped, compatible and NAT64 forms of IPv4, unique-local, link-local and multicast addresses all lie outside 2000::/3. */
function isPublicIpv6(groups: readonly number[]): boolean {
  const global = (groups[0] ?? 0) >>> 13 === 1;
  return global && !RESERVED_IPV6.some(([first, length]) => sharesPrefix(groups, first, length));
}

function sharesPrefix(groups: readonly number[], first: readonly number[], length: number): boolean {
  const bits = (from: readonly number[]) => (((from[0] ?? 0) * 0x10000 + (from[1] ?? 0)) >>> 0) >>> (32 - length);
  return bits(groups) === bits(first);
}

/** The eight groups of an address as the URL parser writes it: hexadecimal, `::` for the longest run of zeros. */
function ipv6Groups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const read = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return read(head);
  const zeros = 8 - read(head).length - read(tail).length;
  return [...read(head), ...Array<number>(zeros).fill(0), ...read(tail)];
}
