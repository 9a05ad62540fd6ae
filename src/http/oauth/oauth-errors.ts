/** Errors on the wire of the authorization server: those of RFC 6749, section 5.2. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { OAuthError } from "../../core/authorization";
import { AppError } from "../../errors";
import { RateLimited } from "../../quotas";
import { onError, setRetryAfter } from "../problem";
import type { HttpEnv } from "../router";

const OAuthErrorBody = z.object({ error: z.string(), error_description: z.string() });

export const oauthError = (description: string, error: string) => ({
  description,
  content: { "application/json": { schema: OAuthErrorBody, example: { error, error_description: description } } },
});

export const readableForm = (result: { success: boolean }, c: Context<HttpEnv>) =>
  result.success ? undefined : c.json({ error: "invalid_request", error_description: "The form cannot be read" }, 400);

/** For a router of one path: `unreadable` names what a body is that cannot be read. */
export function onOAuthError(path: string, unreadable: "invalid_request" | "invalid_client_metadata") {
  return (thrown: Error, c: Context<HttpEnv>): Response => {
    const refusal = c.req.path === path ? refusalOf(thrown, unreadable) : null;
    if (refusal === null) return onError(thrown, c);
    c.header("Cache-Control", "no-store");
    if (refusal.status === 401) c.header("WWW-Authenticate", 'Basic realm="leadedge", charset="UTF-8"');
    if (thrown instanceof RateLimited) setRetryAfter(c, thrown.retryAfterSeconds);
    return c.json({ error: refusal.error, error_description: thrown.message }, refusal.status);
  };
}

type Refusal = { error: string; status: 400 | 401 | 413 | 415 | 429 };

function refusalOf(thrown: Error, unreadable: string): Refusal | null {
  if (thrown instanceof OAuthError) return { error: thrown.error, status: thrown.error === "invalid_client" ? 401 : 400 };
  if (thrown instanceof RateLimited) return { error: "invalid_client", status: 429 };
  if (thrown instanceof HTTPException && thrown.status === 400) return { error: unreadable, status: 400 };
  if (!(thrown instanceof AppError)) return null;
  if (thrown.code === "too_large") return { error: unreadable, status: 413 };
  if (thrown.code === "unsupported_media_type") return { error: unreadable, status: 415 };
  return thrown.code === "invalid_request" ? { error: unreadable, status: 400 } : null;
}
