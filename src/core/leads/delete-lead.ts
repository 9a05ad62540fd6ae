import type { Ctx, Statement, UnitDb } from "../../context";
import { noSuchLead } from "./find-lead";

/**
 * Deletes a lead and everything that is its own, for good. One D1 round trip; of two at once, one deletes and the other finds nothing.
 * `more`: statements of other aggregates for the same batch, run while the lead is still there. Throws not_found.
 */
export async function deleteLead(ctx: Ctx, leadId: string, more: readonly Statement[] = []): Promise<void> {
  const results = await ctx.db.batch([...more, ...tracesOf(ctx.db, leadId), deleteRow(ctx.db, leadId)]);
  if (!results.at(-1)?.[0]) throw noSuchLead();
}

const OWN_ALIASES = "SELECT value->>0, value->>1 FROM json_each((SELECT aliases FROM leads WHERE unit = ?1 AND lead_id = ?2))";

/** What a lead leaves in other tables than its own; its words go by trigger. A table that learns of leads gets its statement here. */
const tracesOf = (db: UnitDb, leadId: string): Statement[] => [
  db.sql(`DELETE FROM alias_conflicts WHERE unit = ?1 AND owner_lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  db.sql("DELETE FROM alias_conflicts WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql(`DELETE FROM aliases WHERE unit = ?1 AND lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  db.sql(
    "UPDATE lead_counts SET leads = leads - 1 WHERE unit = ?1 AND status = (SELECT status FROM leads WHERE unit = ?1 AND lead_id = ?2)",
    leadId,
  ),
  // its row in the directory stays, and says no more than that the lead is gone
  ...["channel_leads", "purchases", "channel_events", "reward_events"].map((table) =>
    db.sql(`DELETE FROM ${table} WHERE unit = ?1 AND lead_id = ?2`, leadId),
  ),
];

const deleteRow = (db: UnitDb, leadId: string): Statement =>
  db.sql("DELETE FROM leads WHERE unit = ?1 AND lead_id = ?2 RETURNING lead_id", leadId);
