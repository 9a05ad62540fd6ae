/** One form for the address of a person's profile, however it was copied. */

/** Networks by host: where handles differ in nothing but their case. */
const NETWORKS: Readonly<Record<string, string>> = {
  "linkedin.com": "linkedin.com",
  "lnkd.in": "lnkd.in",
  "twitter.com": "x.com",
  "x.com": "x.com",
  "facebook.com": "facebook.com",
  "fb.com": "facebook.com",
  "instagram.com": "instagram.com",
  "xing.com": "xing.com",
  "github.com": "github.com",
  "tiktok.com": "tiktok.com",
  "threads.net": "threads.net",
};
const SUBDOMAIN = /^(?:www\d?|m|mobile|touch|[a-z]{2}(?:-[a-z]{2})?)\.(?=[^.]+\.)/;
const WITHOUT_SCHEME = /^(?:[a-z0-9-]+\.)+[a-z]{2,}[/?#]/i;
/** Pages that many people name and nobody is. */
const NOT_A_PERSON =
  /^\/(?:company|companies|school|showcase|groups?|feed|search|jobs|pages?|share|sharer|home|login|explore|hashtag|mynetwork)(?:[/?]|$)/;

/**
 * A profile's URL in its one form (https, no www., no m., no trailing slash, no query but Facebook's id), a handle or other text
 * as it is; null for a page that is nobody's profile and for prose.
 */
export function profileUrl(text: string): string | null {
  if (!/^https?:\/\//i.test(text) && !WITHOUT_SCHEME.test(text)) return /\s/.test(text) ? null : text;
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || !url.hostname.includes(".")) return null;
  const bare = url.hostname.replace(/\.$/, "").replace(SUBDOMAIN, "");
  const network = NETWORKS[bare];
  const path = url.pathname
    .replace(/\/{2,}/g, "/")
    .replace(/\/+$/, "")
    .replace(/%[0-9a-f]{2}/gi, (byte) => byte.toUpperCase());
  if (network === undefined) return `https://${url.hostname.replace(/^www\./, "")}${path}`;
  const lower = path.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/%[0-9a-f]{2}/g, (byte) => byte.toUpperCase());
  const profile = network === "facebook.com" && lower === "/profile.php" ? facebookProfile(url) : pathOfPerson(network, lower, path);
  return profile === null ? null : `https://${network}${profile}`;
}

function facebookProfile(url: URL): string | null {
  const id = url.searchParams.get("id");
  return id ? `/profile.php?id=${encodeURIComponent(id)}` : null;
}

/** What of a network's path names the person: further segments are tabs and languages. */
function pathOfPerson(network: string, lower: string, path: string): string | null {
  if (lower === "" || NOT_A_PERSON.test(lower)) return null;
  if (network === "linkedin.com" && lower.startsWith("/sales/")) return path.split(",")[0] ?? null;
  if (network === "linkedin.com" || network === "xing.com") {
    const [, kind, slug] = lower.split("/");
    if (kind === "in" || kind === "profile") return slug ? `/${kind}/${slug}` : null;
    return lower;
  }
  if (network === "lnkd.in") return path;
  return `/${lower.split("/")[1]}`;
}
