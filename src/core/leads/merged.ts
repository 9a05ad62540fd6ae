/** Leads that were merged into another one: their rows are gone, their ids and their aliases find the other. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { AppError } from "../../errors";
import { noSuchLead } from "./find-lead";
import { publicLeadId } from "./lead";

/** The lead is gone: it was merged into `merged_into`. */
export class LeadMerged extends AppError {
  constructor(
    /** the surviving lead */
    readonly merged_into: string,
  ) {
    super("gone", "The lead was merged into another one", [], { merged_into: publicLeadId(merged_into) });
  }
}

export const MERGED_SQL = {
  // the target of a merge may have been merged in turn; a lead that was deleted since is found nowhere
  into: `WITH RECURSIVE chain (named, lead_id) AS (
      SELECT m.lead_id, m.merged_into FROM json_each(?2) r CROSS JOIN merged_leads m ON m.unit = ?1 AND m.lead_id = r.value
      UNION SELECT n.named, m.merged_into FROM chain n CROSS JOIN merged_leads m ON m.unit = ?1 AND m.lead_id = n.lead_id)
    SELECT n.named, l.lead_id, json_array_length(l.aliases) AS count FROM chain n CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = n.lead_id`,
} as const;

const MOVING_MERGES = `FROM merges m INDEXED BY merges_running`;
const OF_UNIT = "WHERE m.status IN ('running', 'undoing') AND m.unit = ?1";
/** The leads of the unit whose events are still moving after a merge or back: what is read of them is not whole. Few rows at any time. */
export const MOVING_LEADS_SQL = `SELECT m.target_id ${MOVING_MERGES} ${OF_UNIT}
  UNION ALL SELECT r.value ${MOVING_MERGES} CROSS JOIN json_each(m.source_ids) r ${OF_UNIT}`;

/** `count`: number of aliases of the surviving lead. */
export type MergedInto = { named: string; lead_id: string; count: number };

/** Of these ids, those of merged leads, each with the surviving lead. One statement for each 1,000. */
export const selectMergedInto = (db: UnitDb, leadIds: readonly string[]): Statement<MergedInto>[] =>
  jsonArrays(leadIds.map((id) => JSON.stringify(id))).map((json) => db.sql<MergedInto>(MERGED_SQL.into, json));

/** Why no lead has this id: LeadMerged, or not_found. One D1 round trip. */
export async function absence(ctx: Pick<Ctx, "db">, leadId: string): Promise<AppError> {
  const [rows = []] = await ctx.db.batch(selectMergedInto(ctx.db, [leadId]));
  return rows[0] ? new LeadMerged(rows[0].lead_id) : noSuchLead();
}

/** The leads that were merged into a lead, directly or not; `limit` -1: all of them. */
export const selectMergedIds = (db: UnitDb, leadId: string, limit = -1): Statement<{ lead_id: string }> =>
  db.sql(
    `WITH RECURSIVE gone (lead_id) AS (SELECT ?2
       UNION SELECT m.lead_id FROM gone g CROSS JOIN merged_leads m INDEXED BY merged_leads_by_target ON m.unit = ?1 AND m.merged_into = g.lead_id)
     SELECT lead_id FROM gone WHERE lead_id <> ?2 LIMIT ?3`,
    leadId,
    limit,
  );
