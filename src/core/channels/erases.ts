import type { Statement, UnitDb } from "../../context";

const TABLES = ["channel_leads", "purchases", "channel_events", "reward_events"];

/** What this part keeps of a lead in its unit's database. Its row in the directory of channels stays: it says only that the lead is gone. */
export const erasesOf = (db: UnitDb, leadId: string): Statement<never>[] =>
  TABLES.map((table) => db.sql(`DELETE FROM ${table} WHERE unit = ?1 AND lead_id = ?2`, leadId));
