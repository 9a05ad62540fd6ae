/** Where an authorization may send the browser back to (pure): the rules of OAuth 2.1 (section 2.3.1) and of native apps (RFC 8252). */

const URI_CHARS_MAX = 500;
const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];
/** A program on the person's own device: a name of its own, which no browser handles itself. */
const APP_SCHEME = /^[a-z][a-z0-9+.-]*:$/;
const BROWSER_SCHEMES =
  /^(about|blob|chrome|chrome-extension|data|file|filesystem|ftp|http|intent|javascript|jar|mailto|resource|sms|tel|vbscript|view-source|wss?):$/;

/** Why a client may not have this redirect URI; null when it may. */
export function redirectUriProblem(uri: string): string | null {
  if (uri.length > URI_CHARS_MAX) return `must be at most ${URI_CHARS_MAX} characters`;
  const url = URL.parse(uri);
  if (!url || /[\s\\]/.test(uri)) return "must be an absolute URI";
  if (uri.includes("#")) return "must not have a fragment";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password";
  if (url.protocol === "https:" || isLoopback(url)) return null;
  if (url.protocol === "http:") return "must begin with https://; http:// is for 127.0.0.1, [::1] and localhost alone";
  return APP_SCHEME.test(url.protocol) && !BROWSER_SCHEMES.test(url.protocol) ? null : `must not begin with ${url.protocol}`;
}

const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === "http:" && LOOPBACK_HOSTS.includes(hostname);

/** Whether a request may use this URI: to the letter, except that a native app chooses its port when it starts (RFC 8252, section 7.3). */
export const isRegistered = (registered: readonly string[], uri: string): boolean =>
  registered.some((own) => own === uri || isSameApart(own, uri));

function isSameApart(own: string, uri: string): boolean {
  const [one, other] = [URL.parse(own), URL.parse(uri)];
  if (!one || !other || !isLoopback(one) || redirectUriProblem(uri) !== null) return false;
  return withoutPort(own, one) === withoutPort(uri, other);
}

/** The text with the port cut out: everything else is compared to the letter. */
const withoutPort = (uri: string, { port }: URL): string =>
  port === "" ? uri : uri.replace(new RegExp(`^([^/]+//[^/?]*):${port}(?=[/?]|$)`), "$1");

/** Where it leads, for people: a host, or null for a program on their own device. */
export function redirectHost(uri: string): string | null {
  const url = URL.parse(uri);
  return url && url.protocol === "https:" ? url.host : null;
}

/** The URI with the parameters of a response; its own query stays. */
export function withParameters(uri: string, parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  return `${uri}${uri.includes("?") ? "&" : "?"}${new URLSearchParams(given)}`;
}
