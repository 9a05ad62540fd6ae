import type { Statement, UnitDb } from "../../context";

/** What this part keeps of a lead. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql("DELETE FROM watched_leads WHERE unit = ?1 AND lead_id = ?2", leadId),
];
