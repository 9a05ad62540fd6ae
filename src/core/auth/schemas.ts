/** What the verbs of credentials accept. Times are ms. */
import { z } from "zod";
import { Instant, shortText } from "../../schemas";
import { OPERATOR_CREDENTIAL_KINDS, oneOf, ROLES } from "../../vocabulary";

export const NewServiceAccount = z.strictObject({ name: shortText(50) });

const ORIGINS_MAX = 50;
const ORIGIN_CHARS_MAX = 300;

/** An origin as browsers send it (RFC 6454): scheme, host, and the port where it is not the scheme's own. */
const WebOrigin = z
  .string()
  .trim()
  .max(ORIGIN_CHARS_MAX, `must be at most ${ORIGIN_CHARS_MAX} characters`)
  .refine((text) => originOf(text) !== null, "must be an origin such as https://www.example.com, without a path")
  .transform((text) => originOf(text) ?? text);

function originOf(text: string): string | null {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") return null;
  return url.pathname === "/" && url.search === "" && url.hash === "" && !/[?#]$/.test(text) ? url.origin : null;
}

export const NewWriteKey = z.strictObject({
  name: shortText(50),
  origins: z
    .array(WebOrigin)
    .max(ORIGINS_MAX, `at most ${ORIGINS_MAX} origins`)
    .default([])
    .transform((origins) => [...new Set(origins)])
    .meta({ description: "The pages that may use it, by their origin; none: anybody may" }),
});

export const NewPersonalToken = z.strictObject({
  name: shortText(100),
  expires_at: Instant.nullable()
    .default(null)
    .meta({ description: "null or left out: the token lives as long as the credential that created it" }),
});

export const NewCredential = z.strictObject({
  kind: z.enum(OPERATOR_CREDENTIAL_KINDS, oneOf(OPERATOR_CREDENTIAL_KINDS)),
  name: shortText(200),
  unit_id: z.string().min(1, "must not be empty").optional().meta({ description: "Home org unit: the only one the credential opens" }),
  role: z.enum(ROLES, oneOf(ROLES)).default("admin"),
  rate_limit_per_hour: z
    .number()
    .int()
    .min(1, "must be at least 1")
    .optional()
    .meta({ description: "Requests in any 60 minutes, of a workspace key" }),
  expires_at: Instant.optional(),
});

const TEXT_CHARS_MAX = 500;

/** An https URL; http only for this machine itself, for local development. */
const KeySetUrl = z
  .string()
  .trim()
  .max(2000, "must be at most 2,000 characters")
  .refine((url) => {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname, username, password } = new URL(url);
    if (username !== "" || password !== "") return false;
    return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
  }, "must be a URL that begins with https://")
  .meta({ format: "uri", example: "https://login.example.com/.well-known/jwks.json" });

export const NewIdentityProvider = z.strictObject({
  issuer: shortText(TEXT_CHARS_MAX).meta({ description: "The `iss` of its tokens, to the letter", example: "https://login.example.com/" }),
  jwks_url: KeySetUrl,
  audience: shortText(TEXT_CHARS_MAX).meta({ description: "The `aud` of its tokens", example: "leadedge" }),
});
