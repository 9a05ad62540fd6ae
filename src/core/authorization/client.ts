/** What is known of an OAuth client: its metadata (RFC 7591, section 2), published by itself or sent at its registration. */
import { z } from "zod";
import { isStorable } from "../../schemas";
import { OAuthError } from "./oauth-error";
import { redirectUriProblem } from "./redirect-uri";

/** Every client is public: it proves by PKCE that a code is its own, and has no secret. */
export type Client = {
  client_id: string;
  /** as it calls itself */
  name: string;
  /** the host that published its metadata; null: it registered itself, and nobody has verified its name */
  host: string | null;
  redirect_uris: readonly string[];
};

const NAME_CHARS_MAX = 80;
export const REDIRECT_URIS_MAX = 20;
const NO_NAME = "A client without a name";
/** Control and format characters, among them those that turn the direction of the text around. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Other metadata is allowed and ignored, as RFC 7591 demands. */
const ClientMetadata = z.object({
  client_name: z.string().refine(isStorable).optional(),
  redirect_uris: z.array(z.string()).min(1).max(REDIRECT_URIS_MAX),
});

/** Throws OAuthError. */
export function parseMetadata(given: unknown): Pick<Client, "name" | "redirect_uris"> {
  const { data, error } = ClientMetadata.safeParse(given);
  if (!data) {
    const [issue] = error.issues;
    const at = issue?.path[0] ?? "the metadata";
    const code = at === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
    throw new OAuthError(code, `${String(at)} is invalid: redirect_uris must be 1 to ${REDIRECT_URIS_MAX} URIs, client_name a text`);
  }
  for (const uri of data.redirect_uris) {
    const problem = redirectUriProblem(uri);
    if (problem) throw new OAuthError("invalid_redirect_uri", `redirect_uris: ${uri.slice(0, NAME_CHARS_MAX)} ${problem}`);
  }
  return { name: shownName(data.client_name), redirect_uris: data.redirect_uris };
}

const shownName = (name = ""): string =>
  [...name.replace(INVISIBLE, "").replace(/\s+/g, " ").trim()].slice(0, NAME_CHARS_MAX).join("") || NO_NAME;
