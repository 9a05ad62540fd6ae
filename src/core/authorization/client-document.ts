/**
 * Clients whose id is the URL of their metadata (OAuth Client ID Metadata Document, draft-ietf-oauth-client-id-metadata-document).
 * The document is fetched from that URL, so its host vouches for the client's name.
 */
import type { Http, Settings } from "../../context";
import { AppError } from "../../errors";
import { logError } from "../../log";
import { TtlCache } from "../../ttl-cache";
import { requireDeliverableUrl } from "../notifications";
import { type Client, parseMetadata } from "./client";
import { OAuthError } from "./oauth-error";

/** `origin`: the service's own, which publishes no client. */
export type DocumentCtx = { http: Http; settings: Settings; origin: string; now(): number };

const URL_CHARS_MAX = 500;
const DOCUMENT_BYTES_MAX = 10 * 1024;
const TIMEOUT_MS = 5_000;
const TTL_MS = 5 * 60_000;
/** Errors are never cached: a client that corrects its document works at once. */
const known = new TtlCache<Client>(TTL_MS);

/** Throws OAuthError. Cached for five minutes in the isolate. */
export async function requireDocumentedClient(ctx: DocumentCtx, clientId: string): Promise<Client> {
  const hit = known.get(clientId, ctx.now());
  if (hit) return hit;
  const url = requireDocumentUrl(ctx, clientId);
  const document = await fetchDocument(ctx, clientId);
  if (document.client_id !== clientId) throw unusable("its client_id is not its own URL");
  const method = String(document.token_endpoint_auth_method ?? "none");
  if ("client_secret" in document || method.startsWith("client_secret_"))
    throw unusable("a client that publishes its metadata has no secret");
  const client = { client_id: clientId, host: url.host, ...parseMetadata(document) };
  known.set(clientId, client, ctx.now());
  return client;
}

/** The host that vouches for the name of a client with this id; null: the client registered itself. */
export const documentHost = (clientId: string): string | null => URL.parse(clientId)?.host ?? null;

/** The URL of a document, where a request may go: as for webhooks, and by https. */
function requireDocumentUrl({ settings, origin }: DocumentCtx, clientId: string): URL {
  const url = URL.parse(clientId);
  const isWritten = url?.href === clientId && clientId.length <= URL_CHARS_MAX;
  if (!url || !isWritten || url.pathname === "/" || clientId.includes("#")) {
    throw new OAuthError("invalid_client", "client_id must be a URL with a path and no fragment, spelt as browsers spell it");
  }
  if (url.origin === origin) throw new OAuthError("invalid_client", "client_id is an address of this service");
  try {
    requireDeliverableUrl(clientId, settings, "client_id");
  } catch (error) {
    throw error instanceof AppError ? new OAuthError("invalid_client", error.message) : error;
  }
  // what is left of http:// here is this machine itself, in development
  if (url.protocol === "http:" && !settings.allowLoopbackWebhooks)
    throw new OAuthError("invalid_client", "client_id must begin with https://");
  return url;
}

async function fetchDocument({ http }: DocumentCtx, url: string): Promise<Record<string, unknown>> {
  try {
    const headers = { Accept: "application/json", "User-Agent": "Leadedge-OAuth/1" };
    const response = await http.send(url, { headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw unusable(`its host returned ${response.status}`);
    }
    const document: unknown = JSON.parse(await readText(response));
    if (typeof document !== "object" || document === null || Array.isArray(document)) throw unusable("it is no JSON object");
    return document as Record<string, unknown>;
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    // the text of a fetch error can contain our own addresses
    logError("client metadata document not read", error, { host: new URL(url).host });
    throw unusable("it cannot be fetched, or is no JSON");
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > DOCUMENT_BYTES_MAX) throw unusable(`it is larger than ${DOCUMENT_BYTES_MAX / 1024} KB`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

const unusable = (why: string): OAuthError => new OAuthError("invalid_client", `The client's metadata document cannot be used: ${why}`);
