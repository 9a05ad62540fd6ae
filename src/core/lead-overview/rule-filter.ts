import type { Ctx } from "../../context";
import { invalidRequest } from "../../validation";
import { type Rule, requireSegment } from "../segments";

/** What leads have to match beside the other filters; `none`: no lead does, as the segment is not active. null: nothing. */
export type RuleFilter = Rule | "none" | null;

/** The rules of a list's `filter` and `segment`. One D1 round trip for a segment. Throws not_found, invalid_request for a segment of accounts. */
export async function ruleOf(
  ctx: Ctx,
  { filter, segment }: { filter?: Rule | undefined; segment?: string | undefined },
): Promise<RuleFilter> {
  if (segment === undefined) return filter ?? null;
  const { subject, rules, active } = await requireSegment(ctx, segment);
  if (subject !== "leads")
    throw invalidRequest([{ path: "segment", message: "is a segment of accounts: GET /accounts?segment= lists them" }]);
  if (!active) return "none";
  return filter === undefined ? rules : { and: [rules, filter] };
}
