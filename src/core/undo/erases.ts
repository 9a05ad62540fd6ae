import type { Statement, UnitDb } from "../../context";
import { forgetInJournal } from "./journal-store";

/** What this part keeps of a lead. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql("DELETE FROM undo_kept WHERE unit = ?1 AND lead_id = ?2", leadId),
  forgetInJournal(db, leadId),
];
