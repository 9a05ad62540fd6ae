import type { Context, Next } from "hono";
import type { CallerCtx, OrgUnit } from "../../context";
import { openUnit, takeRequest } from "../../open-context";
import type { ChangeDialect } from "../../vocabulary";
import type { HttpEnv } from "../router";

const BOOKMARK_HEADER = "x-d1-bookmark";
const SAFE_METHODS = ["GET", "HEAD"];

export const isRead = (method: string): boolean => SAFE_METHODS.includes(method);

/** Counts the request against the unit's rate, from memory. Throws RateLimited. */
export const countRequest = (c: Context<HttpEnv>, unit: OrgUnit): void =>
  takeRequest(c.env, unit, (work) => c.executionCtx.waitUntil(work));

/** Runs the rest of a request in an org unit. The response carries the database's bookmark. Throws RateLimited. */
export async function enterOrgUnit(
  c: Context<HttpEnv>,
  caller: CallerCtx,
  unit: OrgUnit,
  dialect: ChangeDialect,
  next: Next,
  { reads } = { reads: isRead(c.req.method) },
): Promise<void> {
  countRequest(c, unit);
  const opened = openUnit(c.env, caller, unit, { bookmark: c.req.header(BOOKMARK_HEADER), writes: !reads, dialect });
  c.set("ctx", opened.ctx);
  await next();
  const bookmark = opened.bookmark();
  if (bookmark) c.res.headers.set(BOOKMARK_HEADER, bookmark);
}
