import type { Ctx, Statement, UnitDb } from "../../context";
import { DAY_MS } from "../../time";
import { noSuchLead } from "./find-lead";

/**
 * Deletes a lead and everything that is its own, for good. One D1 round trip; of two at once, one deletes and the other finds nothing.
 * `more`: statements of other aggregates for the same batch, run while the lead is still there. Throws not_found.
 */
export async function deleteLead(ctx: Ctx, leadId: string, more: readonly Statement[] = []): Promise<void> {
  const results = await ctx.db.batch([...more, ...tracesOf(ctx.db, leadId), deleteRow(ctx.db, leadId)]);
  if (!results.at(-1)?.[0]) throw noSuchLead();
}

const OWN_EVENTS = "SELECT event_id FROM events WHERE unit = ?1 AND lead_id = ?2";
const OWN_ALIASES = "SELECT value->>0, value->>1 FROM json_each((SELECT aliases FROM leads WHERE unit = ?1 AND lead_id = ?2))";

/** What a lead leaves in other tables than its own; its words go by trigger. A table that learns of leads gets its statement here. */
const tracesOf = (db: UnitDb, leadId: string): Statement[] => [
  db.sql(`DELETE FROM alias_conflicts WHERE unit = ?1 AND owner_lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  // named: by itself SQLite would read all conflicts of the unit
  db.sql("DELETE FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql(`DELETE FROM aliases WHERE unit = ?1 AND lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  db.sql(
    "UPDATE lead_counts SET leads = leads - 1 WHERE unit = ?1 AND status = (SELECT status FROM leads WHERE unit = ?1 AND lead_id = ?2)",
    leadId,
  ),
  db.sql(`DELETE FROM event_keys WHERE unit = ?1 AND event_id IN (${OWN_EVENTS})`, leadId),
  db.sql(`DELETE FROM refused_events WHERE unit = ?1 AND duplicate_of IN (${OWN_EVENTS})`, leadId),
  db.sql(
    `INSERT INTO event_counts (unit, day, type_key, count)
     SELECT ?1, occurred_at / ${DAY_MS}, type_key, -count(*) FROM events WHERE unit = ?1 AND lead_id = ?2 GROUP BY 2, 3
     ON CONFLICT (unit, day, type_key) DO UPDATE SET count = event_counts.count + excluded.count`,
    leadId,
  ),
  // its row in the directory of channels stays, and says no more than that the lead is gone
  ...[...OF_EVENTS, ...OF_CHANNELS].map((table) => db.sql(`DELETE FROM ${table} WHERE unit = ?1 AND lead_id = ?2`, leadId)),
];

const OF_EVENTS = ["events", "contributions", "score_blocks", "lead_scores", "firings"];
const OF_CHANNELS = ["channel_leads", "purchases", "channel_events", "reward_events"];

const deleteRow = (db: UnitDb, leadId: string): Statement =>
  db.sql("DELETE FROM leads WHERE unit = ?1 AND lead_id = ?2 RETURNING lead_id", leadId);
