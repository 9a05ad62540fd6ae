/** SQL of conflicts and of leads that may be one person. Statements only. */
import type { Statement, UnitDb } from "../../context";
import type { AliasKind } from "../../vocabulary";
import { LEAD_COLUMNS, type LeadRow } from "../leads";
import type { ConflictKey, ConflictRow } from "./conflict";

const COLUMNS = "c.kind, c.value, c.lead_id, c.owner_lead_id, c.source, c.created_at, c.kept_apart_at";

export const IDENTITY_SQL = {
  all: `SELECT ${COLUMNS} FROM alias_conflicts c
    WHERE c.unit = ?1 AND (c.kind, c.value, c.lead_id) > (?2, ?3, ?4) ORDER BY c.kind, c.value, c.lead_id LIMIT ?5`,
  ofKind: `SELECT ${COLUMNS} FROM alias_conflicts c
    WHERE c.unit = ?1 AND c.kind = ?2 AND (c.value, c.lead_id) > (?3, ?4) ORDER BY c.value, c.lead_id LIMIT ?5`,
  /** those that the lead was refused an alias by, and those that are about its own aliases */
  ofLead: `SELECT kind, value, lead_id, owner_lead_id, source, created_at, kept_apart_at FROM (
      SELECT ${COLUMNS} FROM alias_conflicts c INDEXED BY alias_conflicts_by_lead WHERE c.unit = ?1 AND c.lead_id = ?6
      UNION ALL SELECT ${COLUMNS} FROM json_each((SELECT aliases FROM leads WHERE unit = ?1 AND lead_id = ?6)) r
        CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1 AND c.owner_lead_id = ?6)
    WHERE (kind, value, lead_id) > (?2, ?3, ?4) ORDER BY kind, value, lead_id LIMIT ?5`,
  refusedOf: `SELECT ${COLUMNS} FROM alias_conflicts c INDEXED BY alias_conflicts_by_lead WHERE c.unit = ?1 AND c.lead_id = ?2 LIMIT ?3`,
  newest: `SELECT ${LEAD_COLUMNS} FROM leads l WHERE l.unit = ?1 AND l.lead_id < ?2 ORDER BY l.lead_id DESC LIMIT ?3`,
  /** `r` is [lead id, spellings of a word]: older leads that have the word, the newest of them */
  sharing: `SELECT DISTINCT r.value->>0 AS of_lead, t.lead_id FROM json_each(?2) r CROSS JOIN json_each(r.value->1) w
    CROSS JOIN lead_terms t ON t.unit = ?1 AND t.field = 'word' AND t.term = w.value AND t.lead_id IN (
      SELECT x.lead_id FROM lead_terms x WHERE x.unit = ?1 AND x.field = 'word' AND x.term = w.value AND x.lead_id < r.value->>0
      ORDER BY x.lead_id DESC LIMIT ?3)`,
  refusedOfMany: `SELECT ${COLUMNS} FROM json_each(?2) r
    CROSS JOIN alias_conflicts c INDEXED BY alias_conflicts_by_lead ON c.unit = ?1 AND c.lead_id = r.value LIMIT ?3`,
} as const;

type Place = readonly [kind: string, value: string, leadId: string];

/** In the order of the alias, those after a place. */
export function selectConflicts(
  db: UnitDb,
  filter: { kind?: AliasKind | undefined; lead_id?: string | undefined },
  after: Place,
  limit: number,
): Statement<ConflictRow> {
  const [kind, value, leadId] = after;
  if (filter.lead_id !== undefined) return db.sql(IDENTITY_SQL.ofLead, kind, value, leadId, limit, filter.lead_id);
  if (filter.kind === undefined) return db.sql(IDENTITY_SQL.all, kind, value, leadId, limit);
  return db.sql(IDENTITY_SQL.ofKind, filter.kind, value, leadId, limit);
}

/** The aliases that a lead was refused. */
export const selectRefused = (db: UnitDb, leadId: string, limit: number): Statement<ConflictRow> =>
  db.sql(IDENTITY_SQL.refusedOf, leadId, limit);

export const selectRefusedOf = (db: UnitDb, leadIds: readonly string[], limit: number): Statement<ConflictRow> =>
  db.sql(IDENTITY_SQL.refusedOfMany, JSON.stringify(leadIds), limit);

const NAMED = "unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4";

/** Returns a row when there was such a case. */
export const keepApart = (db: UnitDb, { kind, value, lead_id }: ConflictKey, now: number): Statement<{ found: 1 }> =>
  db.sql(`UPDATE alias_conflicts SET kept_apart_at = ?5 WHERE ${NAMED} RETURNING 1 AS found`, kind, value, lead_id, now);

/** Opens a case again that was kept apart. Returns a row when there was such a case. */
export const reopen = (db: UnitDb, { kind, value, lead_id }: ConflictKey): Statement<{ found: 1 }> =>
  db.sql(`UPDATE alias_conflicts SET kept_apart_at = NULL WHERE ${NAMED} RETURNING 1 AS found`, kind, value, lead_id);

/** Of the first `limit` cases: how many are open, and how many there are. */
export const countOpen = (db: UnitDb, limit: number): Statement<{ open: number; counted: number }> =>
  db.sql(
    `SELECT count(*) FILTER (WHERE c.kept_apart_at IS NULL) AS open, count(*) AS counted
     FROM (SELECT kept_apart_at FROM alias_conflicts WHERE unit = ?1 LIMIT ?2) c`,
    limit,
  );

export const deleteConflict = (db: UnitDb, { kind, value, lead_id }: ConflictKey): Statement<{ found: 1 }> =>
  db.sql(`DELETE FROM alias_conflicts WHERE ${NAMED} RETURNING 1 AS found`, kind, value, lead_id);

/** The newest leads before a lead id. */
export const selectNewestLeads = (db: UnitDb, before: string, limit: number): Statement<LeadRow> =>
  db.sql(IDENTITY_SQL.newest, before, limit);

/** Of leads by their id, each with the spellings of one of its words: older leads that have that word, at most `limit` of each. */
export const selectSharing = (
  db: UnitDb,
  words: readonly (readonly [leadId: string, spellings: readonly string[]])[],
  limit: number,
): Statement<{ of_lead: string; lead_id: string }> => db.sql(IDENTITY_SQL.sharing, JSON.stringify(words), limit);

export type BlockedRow = { kind: AliasKind; value: string; reason: "blocked" | "allowed"; created_at: number };

/** The unit's own settings for values. */
export const selectBlocked = (db: UnitDb, limit: number): Statement<BlockedRow> =>
  db.sql(
    `SELECT kind, value, reason, created_at FROM withheld_aliases WHERE unit = ?1 AND reason IN ('blocked', 'allowed')
     ORDER BY created_at, kind, value LIMIT ?2`,
    limit,
  );
