/** Firings that move between leads together with their events: they are numbered anew by time, and nobody is notified of them again. */
import type { Statement, UnitDb } from "../../context";

const NUMBERED = `INSERT INTO firings (unit, lead_id, trigger_id, n, kind, event_id, event_type, fired_at, score)
  SELECT unit, ?2, trigger_id, -row_number() OVER (PARTITION BY trigger_id ORDER BY fired_at, event_id), kind, event_id, event_type, fired_at, score`;

/**
 * Gives all firings of `sources` to `target`. Written under negative numbers first, since the positive ones are taken until the rows before
 * them are gone. Rows are written only for triggers that fired for a source.
 */
export function moveAllFirings(db: UnitDb, target: string, sources: readonly string[]): Statement<never>[] {
  const json = JSON.stringify(sources);
  return [
    db.sql(
      `${NUMBERED} FROM firings WHERE unit = ?1 AND lead_id IN (SELECT ?2 UNION ALL SELECT value FROM json_each(?3))
         AND trigger_id IN (SELECT f.trigger_id FROM json_each(?3) r CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = r.value)`,
      target,
      json,
    ),
    db.sql("DELETE FROM firings WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))", json),
    ...renumbered(db, target),
  ];
}

/** Gives the firings of some events of `from` to `to`. Rows are written only for triggers that these events fired. */
export function moveFiringsOf(db: UnitDb, from: string, to: string, eventIds: readonly string[]): Statement<never>[] {
  const json = JSON.stringify(eventIds);
  const moving = "event_id IN (SELECT value FROM json_each(?4))";
  const fired = `(SELECT trigger_id FROM firings WHERE unit = ?1 AND lead_id = ?3 AND n > 0 AND ${moving})`;
  return [
    // `to` first: which triggers are concerned is read from the firings that have not moved yet
    db.sql(
      `${NUMBERED} FROM firings WHERE unit = ?1 AND n > 0 AND lead_id IN (?2, ?3) AND trigger_id IN ${fired} AND (lead_id = ?2 OR ${moving})`,
      to,
      from,
      json,
    ),
    db.sql(
      `${NUMBERED} FROM firings WHERE unit = ?1 AND n > 0 AND lead_id = ?2
         AND trigger_id IN (SELECT trigger_id FROM firings WHERE unit = ?1 AND lead_id = ?3 AND n < 0)
         AND event_id NOT IN (SELECT event_id FROM firings WHERE unit = ?1 AND lead_id = ?3 AND n < 0)`,
      from,
      to,
    ),
    db.sql(
      `DELETE FROM firings WHERE unit = ?1 AND lead_id = ?2 AND n > 0
         AND trigger_id IN (SELECT trigger_id FROM firings WHERE unit = ?1 AND lead_id = ?3 AND n < 0)`,
      from,
      to,
    ),
    ...renumbered(db, to),
    db.sql("UPDATE firings SET n = -n WHERE unit = ?1 AND lead_id = ?2 AND n < 0", from),
  ];
}

const renumbered = (db: UnitDb, leadId: string): Statement<never>[] => [
  db.sql(
    `DELETE FROM firings WHERE unit = ?1 AND lead_id = ?2 AND n > 0
       AND trigger_id IN (SELECT trigger_id FROM firings WHERE unit = ?1 AND lead_id = ?2 AND n < 0)`,
    leadId,
  ),
  db.sql("UPDATE firings SET n = -n WHERE unit = ?1 AND lead_id = ?2 AND n < 0", leadId),
];
