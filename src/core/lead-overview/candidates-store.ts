/** SQL of the leads that a sorted list chooses from. */
import type { Statement, UnitDb } from "../../context";
import { Params } from "../leads";
import { hasWord } from "./has-word";
import { BEFORE_ALL_LEADS, conditionsOf, type ListFilter, type ScannedRow, scannedIds } from "./list-store";

/** A lead of a list that is sorted: what it is sorted by, and its folded score. */
export type CandidateRow = ScannedRow & { updated_at: number; name: string };

/**
 * The leads that pass, of the first `leads` of the index that drives the list (`or none`: no lead when that has more), or of those with the
 * highest score bounds: then the driving conditions are checked for each lead, too.
 */
export function selectCandidates(
  db: UnitDb,
  filter: ListFilter,
  from: "driver" | "scores",
  leads: number,
  otherwise?: "or none",
): Statement<CandidateRow> {
  const params = new Params();
  const ids =
    from === "driver"
      ? scannedIds(filter, { after: BEFORE_ALL_LEADS, skip: 0, leads }, params)
      : `SELECT b.lead_id FROM lead_scores b WHERE b.unit = ?1 ORDER BY b.bound DESC, b.lead_id DESC LIMIT ${params.add(leads)}`;
  const conditions = [...conditionsOf(filter, params), ...(from === "driver" ? [] : driverConditions(filter, params))];
  const all = { after: BEFORE_ALL_LEADS, skip: leads, leads: 1 };
  const limit = otherwise ? `LIMIT iif(EXISTS (${scannedIds(filter, all, params)}), 0, -1)` : "";
  return db.sql(
    `SELECT p.lead_id, l.updated_at, trim(l.searched_name) AS name, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM (${ids}) p CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = p.lead_id
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} ${limit}`,
    ...params.values,
  );
}

/** The least bound among the `leads` highest: no lead beyond them has a higher score. Null when there are fewer. */
export const selectLeastBound = (db: UnitDb, leads: number): Statement<{ bound: number }> =>
  db.sql("SELECT b.bound FROM lead_scores b WHERE b.unit = ?1 ORDER BY b.bound DESC, b.lead_id DESC LIMIT 1 OFFSET ?2", leads - 1);

/** The conditions that drive a list, to be checked on `l`. */
export function driverConditions({ terms, owner_id, account_id, status }: ListFilter, params: Params): string[] {
  const found = terms.map((term) => hasWord(term, params));
  for (const [column, value] of [
    ["owner_id", owner_id],
    ["account_id", account_id],
    ["status", status],
  ]) {
    if (value !== undefined) found.push(`l.${column} = ${params.add(value)}`);
  }
  return found;
}
