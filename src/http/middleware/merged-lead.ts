/** Routes that name a lead by its id: a merged lead is 410 with `merged_into`, and with `follow=true` the request goes on with the surviving lead. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors";
import { toDomainError } from "../../open-context";
import { invalidRequest } from "../../validation";
import { oneOf } from "../../vocabulary";
import { onError } from "../problem";
import type { HttpEnv } from "../router";

const CHOICES = ["true", "false"] as const;

/** Read by hand: it belongs to every route with a lead's id. */
export const FOLLOW_PARAMETER = {
  in: "query" as const,
  name: "follow",
  description: "`true`: for a merged lead, the surviving lead, instead of 410",
  schema: { type: "string" as const, enum: [...CHOICES] },
};

/** The routes that this guards have loaded it before; an isolate that serves other routes does not need it. */
const leads = () => import("../../core/leads");

/** One more D1 round trip with `follow=true`, and where the route finds no lead. */
export const mergedLead = createMiddleware<HttpEnv>(async function mergedLead(c, next) {
  const follow = c.req.query("follow");
  if (follow !== undefined && !CHOICES.some((choice) => choice === follow))
    throw invalidRequest([{ path: "follow", message: oneOf(CHOICES).error }]);
  const { absence, LeadMerged, parseLeadId } = await leads();
  const named = parseLeadId(c.req.param("leadId") ?? "");
  if (named === null) return next();
  if (follow === "true") {
    const reason = await absence(c.get("ctx"), named);
    if (reason instanceof LeadMerged) c.set("survivor", reason.merged_into);
  }
  await next();
  const thrown = toDomainError(c.error);
  if (!(thrown instanceof AppError) || thrown.code !== "not_found" || c.get("survivor") !== undefined) return;
  const reason = await absence(c.get("ctx"), named);
  if (!(reason instanceof LeadMerged)) return;
  const gone = onError(reason, c);
  // a response that replaces another would inherit its headers
  c.res = undefined;
  c.res = gone;
});

/** The lead that the path names, or the one that it was merged into. */
export const pathLead = (c: Context<HttpEnv>): string => c.get("survivor") ?? c.req.param("leadId") ?? "";
