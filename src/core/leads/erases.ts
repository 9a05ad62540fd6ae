import type { Statement, UnitDb } from "../../context";
import { type LogCtx, logMatching } from "../changes";

const OWN_ALIASES = "SELECT value->>0, value->>1 FROM json_each((SELECT aliases FROM leads WHERE unit = ?1 AND lead_id = ?2))";

/** What this part keeps of a lead beside its row, for a batch that ends with `deleteLeadRow`. Its search terms go by trigger. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql(`DELETE FROM alias_conflicts WHERE unit = ?1 AND owner_lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  // named: by itself SQLite would read all conflicts of the unit
  db.sql("DELETE FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql(`DELETE FROM aliases WHERE unit = ?1 AND lead_id = ?2 AND (kind, value) IN (${OWN_ALIASES})`, leadId),
  db.sql(
    "UPDATE lead_counts SET leads = leads - 1 WHERE unit = ?1 AND status = (SELECT status FROM leads WHERE unit = ?1 AND lead_id = ?2)",
    leadId,
  ),
];

/** Logs the deletion and deletes the row; the last of them returns no row when there was no such lead. */
export const deleteLeadRow = (
  ctx: LogCtx,
  leadId: string,
  now: number,
  type: "deleted" | "erased" = "deleted",
): [Statement<never>, Statement<{ lead_id: string }>] => [
  logMatching(ctx, { type, keys: [] }, now, "l.lead_id = ?7", leadId),
  ctx.db.sql("DELETE FROM leads WHERE unit = ?1 AND lead_id = ?2 RETURNING lead_id", leadId),
];
