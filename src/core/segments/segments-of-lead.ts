import type { Ctx } from "../../context";
import { noSuchLead } from "../leads";
import { checkLeads } from "./match-leads";
import { listSegments, type Segment } from "./segments";

/** The segments of leads that a lead (32 hex digits) is a member of now. Two D1 round trips. Throws not_found. */
export async function segmentsOfLead(ctx: Ctx, leadId: string): Promise<Segment[]> {
  const segments = (await listSegments(ctx)).filter(({ subject }) => subject === "leads");
  if (segments.length === 0) return [];
  const rules = segments.map((segment) => segment.rules);
  const [checked] = await checkLeads(ctx, rules, [leadId], ctx.now());
  if (!checked) throw noSuchLead();
  return segments.filter((_, at) => checked.matched[at]?.matches);
}
