import type { Statement, UnitDb } from "../../context";
import { notMoving } from "./store";

/** The lead and all that were merged into it, directly or not. */
const GONE = `WITH RECURSIVE gone (lead_id) AS (SELECT ?2
  UNION SELECT m.lead_id FROM gone g CROSS JOIN merged_leads m INDEXED BY merged_leads_by_target ON m.unit = ?1 AND m.merged_into = g.lead_id)`;

const MERGES = `${GONE} SELECT x.merge_id FROM gone g CROSS JOIN merges x INDEXED BY merges_by_target ON x.unit = ?1 AND x.target_id = g.lead_id`;

/**
 * What this part keeps of a lead: the journals of its merges, and where the leads went that were merged into it. Rolls the batch back
 * (CommitConflict on `commit_guards`) while events of the lead are still moving.
 */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  notMoving(db, [leadId]),
  db.sql(`DELETE FROM merge_journal WHERE unit = ?1 AND merge_id IN (${MERGES})`, leadId),
  db.sql(`DELETE FROM merges WHERE unit = ?1 AND merge_id IN (${MERGES})`, leadId),
  // calls stay with the lead that they named
  db.sql(`DELETE FROM fact_calls WHERE unit = ?1 AND lead_id IN (${GONE} SELECT lead_id FROM gone)`, leadId),
  db.sql(`DELETE FROM merged_leads WHERE unit = ?1 AND lead_id IN (${GONE} SELECT lead_id FROM gone)`, leadId),
];
