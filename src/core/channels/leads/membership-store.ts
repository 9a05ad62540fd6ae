/** SQL that adds leads to a channel, at most 1,000 at once. */

import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { guardSql } from "../../../db/commit";

export type CandidateRow = {
  lead_id: string;
  /** the profile's, when it is a whole number */
  profile_legacy_id: number | null;
  /** null: in no channel yet */
  channel_id: string | null;
  legacy_id: number | null;
};

export const selectCandidates = (db: UnitDb, leadIds: readonly string[]): Statement<CandidateRow> =>
  db.sql(
    `SELECT l.lead_id, l.legacy_id AS profile_legacy_id, m.channel_id, m.legacy_id
     FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value
     LEFT JOIN channel_leads m ON m.unit = ?1 AND m.lead_id = l.lead_id`,
    JSON.stringify(leadIds),
  );

/** The leads that have these legacy ids. */
export const selectLegacyOwners = (db: UnitDb, legacyIds: readonly number[]): Statement<{ legacy_id: number; lead_id: string }> =>
  db.sql(
    `SELECT m.legacy_id, m.lead_id FROM json_each(?2) r
     CROSS JOIN channel_leads m INDEXED BY channel_leads_by_legacy_id ON m.unit = ?1 AND m.legacy_id = r.value
     WHERE m.legacy_id IS NOT NULL`,
    JSON.stringify(legacyIds),
  );

type Member = { lead_id: string; legacy_id: number | null };
const pairs = (members: readonly Member[]): string[] =>
  jsonArrays(members.map(({ lead_id, legacy_id }) => JSON.stringify([lead_id, legacy_id])));

/** The batch rolls back (CommitConflict) when a lead is in a channel by now, has a legacy id that is taken, or is gone. */
export const insertStates = (db: UnitDb, at: { channel_id: string; status_id: string }, members: readonly Member[]): Statement<never>[] =>
  pairs(members).flatMap((rows) => [
    db.sql(
      guardSql("SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.value->>0)"),
      rows,
    ),
    db.sql(
      `INSERT INTO channel_leads (unit, lead_id, channel_id, status_id, properties, legacy_id)
       SELECT ?1, value->>0, ?3, ?4, '{}', value->>1 FROM json_each(?2)`,
      rows,
      at.channel_id,
      at.status_id,
    ),
  ]);

/**
 * The batch rolls back (CommitConflict) when a lead has a legacy id by now. An upsert and not UPDATE … FROM, for which SQLite may scan all
 * rows of the unit.
 */
export const giveLegacyIds = (db: UnitDb, members: readonly Member[]): Statement<never>[] =>
  pairs(members).flatMap((rows) => [
    db.sql(
      guardSql(
        `SELECT 1 FROM json_each(?2) r CROSS JOIN channel_leads m ON m.unit = ?1 AND m.lead_id = r.value->>0 WHERE m.legacy_id IS NOT NULL`,
      ),
      rows,
    ),
    db.sql(
      `INSERT INTO channel_leads (unit, lead_id, channel_id, status_id, properties, legacy_id)
       SELECT m.unit, m.lead_id, m.channel_id, m.status_id, m.properties, r.value->>1
       FROM json_each(?2) r CROSS JOIN channel_leads m ON m.unit = ?1 AND m.lead_id = r.value->>0 WHERE true
       ON CONFLICT (unit, lead_id) DO UPDATE SET legacy_id = excluded.legacy_id`,
      rows,
    ),
  ]);
