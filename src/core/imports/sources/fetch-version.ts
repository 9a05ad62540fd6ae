/** What a source's URL returns now. */
import type { Ctx } from "../../../context";
import { AppError } from "../../../errors";
import { requireDeliverableUrl } from "../../notifications";
import { FILE_BYTES_MAX } from "../limits";
import { fileTooLarge } from "../receive-file";
import type { Version } from "./source";

/** Google Sheets redirects once. */
const REDIRECTS_MAX = 5;
const TIMEOUT_SECONDS = 30;

/** Why a source gave no file; the source shows it. */
export class SourceProblem extends Error {
  override readonly name = "SourceProblem";
}

export type Fetched = { bytes: Uint8Array; file_name: string; etag: string | null; last_modified: string | null };

/** A URL that may be polled: https and public. Throws invalid_request. */
export function requireSourceUrl({ settings }: Pick<Ctx, "settings">, url: string): void {
  requireDeliverableUrl(url, settings, "url");
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || (settings.allowLoopbackWebhooks && ["127.0.0.1", "localhost", "[::1]"].includes(hostname))) return;
  throw new AppError("invalid_request", "url: must begin with https://", [{ path: "url", message: "must begin with https://" }]);
}

/**
 * The file at the URL, null when it has not changed since `seen`. Each redirect is checked like the first address. Throws
 * SourceProblem, invalid_request (an address), too_large (over 10 MB).
 */
export async function fetchVersion(ctx: Ctx, url: string, seen: Pick<Version, "etag" | "last_modified"> | null): Promise<Fetched | null> {
  const headers: Record<string, string> = { Accept: "text/csv, */*;q=0.5", "User-Agent": "Leadedge-Imports/1" };
  if (seen?.etag) headers["If-None-Match"] = seen.etag;
  if (seen?.last_modified) headers["If-Modified-Since"] = seen.last_modified;
  const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  const { response, at } = await follow(ctx, url, { headers, redirect: "manual", signal });
  if (response.status === 304) return null;
  if (response.status !== 200) throw new SourceProblem(`The source answered ${response.status}`);
  if (/^text\/html\b/i.test(response.headers.get("Content-Type") ?? ""))
    throw new SourceProblem("The source returned a web page, not a file: it may ask for a login. Share it by its link");
  return {
    bytes: await readBody(response),
    file_name: nameOf(response, at),
    etag: response.headers.get("ETag"),
    last_modified: response.headers.get("Last-Modified"),
  };
}

async function follow(ctx: Ctx, url: string, init: RequestInit): Promise<{ response: Response; at: string }> {
  let at = url;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    requireSourceUrl(ctx, at);
    const response = await ctx.http.send(at, init).catch(() => {
      // the text of a fetch error can contain our own addresses
      throw new SourceProblem("The source could not be reached");
    });
    const location = response.headers.get("Location");
    if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) return { response, at };
    await response.body?.cancel();
    if (!URL.canParse(location, at)) break;
    at = new URL(location, at).href;
  }
  throw new SourceProblem(`The source redirects more than ${REDIRECTS_MAX} times, or nowhere`);
}

/** Throws too_large once more than 10 MB have arrived. */
async function readBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  for (;;) {
    const read = await reader?.read().catch(() => {
      throw new SourceProblem("The source broke off");
    });
    if (!read || read.done) break;
    length += read.value.length;
    if (length > FILE_BYTES_MAX) {
      await reader?.cancel();
      throw fileTooLarge();
    }
    parts.push(read.value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function nameOf(response: Response, url: string): string {
  const named = /filename="?([^";]+)"?/i.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  const last = new URL(url).pathname.split("/").at(-1);
  return named ?? (last?.includes(".") ? last : "feed.csv");
}
