import type { Statement, UnitDb } from "../../context";

/** What this part keeps of a lead. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql("DELETE FROM contributions WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql("DELETE FROM score_blocks WHERE unit = ?1 AND lead_id = ?2", leadId),
  db.sql("DELETE FROM lead_scores WHERE unit = ?1 AND lead_id = ?2", leadId),
];
