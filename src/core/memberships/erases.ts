import type { Statement, UnitDb } from "../../context";
import { MEMBERSHIP_SQL } from "./store";

/** What this part keeps of a lead. A lead that is deleted leaves no segment: nobody is notified. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql(MEMBERSHIP_SQL.eraseMember, leadId),
  db.sql(MEMBERSHIP_SQL.eraseQueued, leadId),
];
