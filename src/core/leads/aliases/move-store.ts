/** SQL of aliases and conflicts that move between leads: by a merge, and back. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import type { Alias } from "./alias";

const pairs = (aliases: readonly Alias[]): string[] => jsonArrays(aliases.map(({ kind, value }) => JSON.stringify([kind, value])));

const NAMED = "(kind, value) IN (SELECT value->>0, value->>1 FROM json_each(?2))";

/** Gives these aliases of `from` to `to`, and with them the conflicts about them. An alias that returns to where it was first is as it was. */
export const moveAliases = (db: UnitDb, from: string, to: string, aliases: readonly Alias[]): Statement<never>[] =>
  pairs(aliases).flatMap((json) => [
    db.sql(
      `UPDATE aliases SET lead_id = ?4, moved_from = nullif(coalesce(moved_from, lead_id), ?4) WHERE unit = ?1 AND lead_id = ?3 AND ${NAMED}`,
      json,
      from,
      to,
    ),
    db.sql(`UPDATE alias_conflicts SET owner_lead_id = ?4 WHERE unit = ?1 AND owner_lead_id = ?3 AND ${NAMED}`, json, from, to),
  ]);

/** Closes the conflicts among these leads: they are one now. Goes after `moveAliases`. */
export const settleConflicts = (db: UnitDb, target: string, sources: readonly string[]): Statement<never>[] => {
  const json = JSON.stringify(sources);
  const ofSources = "lead_id IN (SELECT value FROM json_each(?2))";
  return [
    // the index is named: by itself SQLite would read all conflicts of the unit
    db.sql(
      `UPDATE OR IGNORE alias_conflicts INDEXED BY alias_conflicts_by_lead SET lead_id = ?3 WHERE unit = ?1 AND ${ofSources}`,
      json,
      target,
    ),
    db.sql(`DELETE FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND ${ofSources}`, json),
    db.sql(
      "DELETE FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id = ?2 AND owner_lead_id = ?2",
      target,
    ),
  ];
};
