/** The name that an agent's client gives itself, for the change log. */
import type { Ctx } from "../../context";
import { callerName } from "../../core/auth";
import { randomHex } from "../../ids";
import { isStorable } from "../../schemas";

/** Where a request of the stateless protocol names its client (2026-07-28, `_meta`). */
const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";
const NAME_CHARS_MAX = 100;

type Message = { method?: unknown; params?: { clientInfo?: unknown; _meta?: Record<string, unknown> } };

/** The client that a message itself names; null: it names none. */
export function clientOf(message: unknown): string | null {
  const { params } = (message ?? {}) as Message;
  return nameOf(params?._meta?.[CLIENT_INFO]) ?? nameOf(params?.clientInfo);
}

function nameOf(info: unknown): string | null {
  const { name } = (info ?? {}) as { name?: unknown };
  if (typeof name !== "string" || !isStorable(name)) return null;
  return name.trim().slice(0, NAME_CHARS_MAX).toWellFormed() || null;
}

/**
 * The id of a session of the earlier protocol (2025-11-25), which names the client in its first message only: the id carries the name in
 * each request, so that nothing is stored. It grants no access: each request needs its own credentials.
 */
export const sessionIdOf = (client: string): string => `${randomHex(16)}.${base64Url(client)}`;

/** Null for an id that is not of that form. */
export function clientOfSession(sessionId: string | undefined): string | null {
  const [, encoded] = /^[0-9a-f]{32}\.([\w-]{1,600})$/.exec(sessionId ?? "") ?? [];
  if (encoded === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    return nameOf({ name: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) });
  } catch {
    return null;
  }
}

function base64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The context with its client's name; where the client gave none, the name of the credential. */
export async function namingClient(ctx: Ctx): Promise<Ctx> {
  const client = ctx.source.client ?? (await callerName(ctx)).slice(0, NAME_CHARS_MAX).toWellFormed();
  return { ...ctx, source: { ...ctx.source, client } };
}
