/** A write key becomes the context of its org unit, where it may only send events. */
import type { Context } from "hono";
import type { Ctx } from "../../context";
import { authenticateSecret, basicPair, WRITE_KEY_PREFIX } from "../../core/auth";
import { requireUsableOrgUnit } from "../../core/org-units";
import { openAuth, openCaller, openUnit } from "../../open-context";
import { networkOf } from "../address";
import { countRequest } from "../middleware/enter-org-unit";
import type { HttpEnv } from "../router";
import { SegmentError } from "./errors";
import type { Fields } from "./fields";

/** The user of HTTP Basic, with any password; else the `writeKey` of the body. Throws a 401, a 403 for a page that may not use it, RateLimited. */
export async function enterByWriteKey(c: Context<HttpEnv>, body: Fields): Promise<Ctx> {
  const [, basic] = /^basic +(\S+) *$/i.exec(c.req.header("Authorization") ?? "") ?? [];
  const key = basic ? basicPair(basic)?.clientId : typeof body.writeKey === "string" ? body.writeKey : undefined;
  if (!key) throw new SegmentError(401, "A write key is required: as the user of HTTP Basic, or as writeKey in the body");
  const auth = await openAuth(c.env, networkOf(c));
  const found = await authenticateSecret(auth, "write_key", key.startsWith(WRITE_KEY_PREFIX) ? key : "");
  if (found?.actor.kind !== "credential" || found.actor.home === null) throw new SegmentError(401, "Invalid write key");
  const origin = c.req.header("Origin");
  if (found.origins && (origin === undefined || !found.origins.includes(origin)))
    throw new SegmentError(403, `This write key may not be used from ${origin ?? "outside its pages"}`);
  const caller = openCaller(c.env, found.actor, c.get("requestId"));
  c.set("caller", caller);
  const unit = await requireUsableOrgUnit(caller, found.actor.home);
  countRequest(c, unit);
  const { ctx } = openUnit(c.env, caller, unit, { bookmark: undefined, writes: true, dialect: "event" });
  c.set("ctx", ctx);
  return ctx;
}
