/**
 * Clients that register themselves (RFC 7591), without a table: the client's id is its metadata, signed by us. Whoever registers a million
 * clients stores nothing. An id is valid as long as the key that signed it is kept: about two years.
 */
import { Buffer } from "node:buffer";
import { z } from "zod";
import type { CallerCtx, TagKey } from "../../context";
import { hmacSha256Hex, sameSecret } from "../../hash";
import { type Client, parseMetadata } from "./client";
import { OAuthError } from "./oauth-error";

const PREFIX = "client_";
/** An authorization request carries the id in its URL. */
const ID_CHARS_MAX = 4_000;

const Contents = z.tuple([z.number().int(), z.string(), z.array(z.string())]);

const signatureOf = ({ key }: TagKey, contents: string): string => hmacSha256Hex(key, `oauth client ${contents}`);

/** Registers a client. No D1 round trip. Throws OAuthError. */
export function registerClient(
  { tagKeys: [key], now }: Pick<CallerCtx, "tagKeys" | "now">,
  metadata: unknown,
): Client & { issued_at: number } {
  const { name, redirect_uris } = parseMetadata(metadata);
  const issued_at = Math.floor(now() / 1000);
  const contents = Buffer.from(JSON.stringify([issued_at, name, redirect_uris])).toString("base64url");
  const client_id = `${PREFIX}${contents}.${signatureOf(key, contents)}`;
  if (client_id.length > ID_CHARS_MAX) throw new OAuthError("invalid_client_metadata", "redirect_uris are too long in all");
  return { client_id, name, host: null, redirect_uris, issued_at };
}

/** The client of an id that we issued; null for any other id, or when its key is no longer kept. */
export function findRegisteredClient({ tagKeys }: { tagKeys: readonly TagKey[] }, clientId: string): Client | null {
  const [, contents, signature] = /^client_([\w-]+)\.([0-9a-f]{64})$/.exec(clientId) ?? [];
  if (!contents || !signature || !tagKeys.some((key) => sameSecret(signatureOf(key, contents), signature))) return null;
  const [, name, redirect_uris] = Contents.parse(JSON.parse(Buffer.from(contents, "base64url").toString()));
  return { client_id: clientId, name, host: null, redirect_uris };
}
