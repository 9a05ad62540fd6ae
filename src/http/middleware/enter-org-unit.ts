import type { Context, Next } from "hono";
import type { CallerCtx, OrgUnit } from "../../context";
import { openUnit } from "../../open-context";
import type { HttpEnv } from "../router";

const BOOKMARK_HEADER = "x-d1-bookmark";
const SAFE_METHODS = ["GET", "HEAD"];

export const isRead = (method: string): boolean => SAFE_METHODS.includes(method);

/** Runs the rest of a request in an org unit. The response carries the database's bookmark. */
export async function enterOrgUnit(c: Context<HttpEnv>, caller: CallerCtx, unit: OrgUnit, next: Next): Promise<void> {
  const opened = openUnit(c.env, caller, unit, { bookmark: c.req.header(BOOKMARK_HEADER), writes: !isRead(c.req.method) });
  c.set("ctx", opened.ctx);
  await next();
  const bookmark = opened.bookmark();
  if (bookmark) c.header(BOOKMARK_HEADER, bookmark);
}
