import type { Ctx } from "../../context";
import { type Rule, requireSegment } from "../segments";

/** What leads have to match beside the other filters; `none`: no lead does, as the segment is not active. null: nothing. */
export type RuleFilter = Rule | "none" | null;

/** The rules of a list's `filter` and `segment`. One D1 round trip for a segment. Throws not_found. */
export async function ruleOf(
  ctx: Ctx,
  { filter, segment }: { filter?: Rule | undefined; segment?: string | undefined },
): Promise<RuleFilter> {
  if (segment === undefined) return filter ?? null;
  const { rules, active } = await requireSegment(ctx, segment);
  if (!active) return "none";
  return filter === undefined ? rules : { and: [rules, filter] };
}
