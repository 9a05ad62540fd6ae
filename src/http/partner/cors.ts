/** Browsers: any page may send a form's lead, none with credentials; an API key is for servers, so no page may send its header. */
import type { Context } from "hono";
import { KEY_HEADER, REPLAYED_HEADER } from "../idempotency";
import type { HttpEnv } from "../router";

const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** A preflight does not say which action will follow, so it allows what lead_external needs. */
export function answerPreflight(c: Context<HttpEnv>): Response {
  c.header("Access-Control-Allow-Origin", "*");
  c.header("Access-Control-Allow-Methods", "POST");
  c.header("Access-Control-Allow-Headers", `Content-Type, ${KEY_HEADER}`);
  c.header("Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_SECONDS));
  return c.body(null, 204);
}

/** An origin that the operator lists has been answered by name already. */
export function allowAnyOrigin(c: Context<HttpEnv>): void {
  if (c.res.headers.has("Access-Control-Allow-Origin")) return;
  c.header("Access-Control-Allow-Origin", "*");
  c.header("Access-Control-Expose-Headers", REPLAYED_HEADER);
}
