/** SQL of whole lists of leads, oldest first. */
import type { Statement, UnitDb } from "../../context";
import { LEAD_COLUMNS, type LeadRow, Params } from "../leads";
import { type CheckCost, EVENTS_READ_MAX } from "../segments";
import { conditionsOf, type ListFilter, type Scan, type ScannedRow, scannedIds } from "./list-store";

export type ScanPageRow = LeadRow & ScannedRow & { score_version: number | null };

/** The leads of an ascending scan that pass, whole, as far as they fit `bytes`. */
export function selectScanPage(db: UnitDb, filter: ListFilter, scan: Scan, bytes: number): Statement<ScanPageRow> {
  const params = new Params();
  const cut = `SELECT q.lead_id FROM (${sizedIds(filter, scan, params)}) q WHERE q.before < ${params.add(bytes)}`;
  const conditions = conditionsOf(filter, params);
  return db.sql(
    `SELECT ${LEAD_COLUMNS}, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version AS score_version
     FROM (${cut}) p CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = p.lead_id
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} ORDER BY p.lead_id`,
    ...params.values,
  );
}

/** Of the same page: the last lead, how many there are, and how many of them fit. */
export function selectScanPageEnd(
  db: UnitDb,
  filter: ListFilter,
  scan: Scan,
  bytes: number,
): Statement<{ last: string | null; scanned: number; taken: number }> {
  const params = new Params();
  const sized = sizedIds(filter, scan, params);
  const fits = `FILTER (WHERE q.before < ${params.add(bytes)})`;
  return db.sql(
    `SELECT max(q.lead_id) ${fits} AS last, count(*) AS scanned, count(*) ${fits} AS taken FROM (${sized}) q`,
    ...params.values,
  );
}

const SIZE = "octet_length(x.profile) + octet_length(x.aliases)";
const sizedIds = (filter: ListFilter, scan: Scan, params: Params): string =>
  `SELECT p.lead_id, sum(${SIZE}) OVER (ORDER BY p.lead_id) - (${SIZE}) AS before
   FROM (${scannedIds(filter, scan, params)}) p CROSS JOIN leads x ON x.unit = ?1 AND x.lead_id = p.lead_id`;

/** No key of a profile begins with it. */
export const PURPOSE_MARK = "#";
const KEYS = `json_each(CASE WHEN l.consent IS NULL THEN l.profile ELSE json_patch(l.profile,
  (SELECT json_group_object('${PURPOSE_MARK}' || w.key, 1) FROM json_each(l.consent) w)) END)`;

/** The keys of the profiles of a scan, the purposes of consent after their mark, and the most aliases of each kind that one lead has. */
export function selectShapes(db: UnitDb, filter: ListFilter, scan: Scan): Statement<{ alias: 0 | 1; name: string; most: number }> {
  const params = new Params();
  const ids = scannedIds(filter, scan, params);
  const conditions = conditionsOf(filter, params);
  const leads = `(${ids}) p CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = p.lead_id`;
  const where = conditions.length === 0 ? "true" : conditions.join(" AND ");
  return db.sql(
    `SELECT 0 AS alias, e.key AS name, 1 AS most FROM ${leads} CROSS JOIN ${KEYS} e WHERE ${where} GROUP BY e.key
     UNION ALL SELECT 1, k.kind, max(k.owned) FROM (
       SELECT e.value->>0 AS kind, count(*) AS owned FROM ${leads} CROSS JOIN json_each(l.aliases) e WHERE ${where} GROUP BY p.lead_id, e.value->>0) k
     GROUP BY k.kind`,
    ...params.values,
  );
}

/**
 * Of a scan: the last lead but one, or the last whose check still fits `statements`, how many leads there are, and how many come up to it.
 */
export function selectCheckedEnd(
  db: UnitDb,
  filter: ListFilter,
  scan: Scan,
  { perLead, perByte, perEvent }: CheckCost,
  statements: number,
): Statement<{ last: string | null; scanned: number; taken: number }> {
  const params = new Params();
  const events = `min(${EVENTS_READ_MAX}, coalesce((SELECT s.event_count FROM lead_scores s WHERE s.unit = ?1 AND s.lead_id = p.lead_id), 0))`;
  const cost = `${params.add(perLead)} + ${params.add(perByte)} * (${SIZE}) + ${params.add(perEvent)} * ${events}`;
  const costs = `SELECT p.lead_id, sum(${cost}) OVER (ORDER BY p.lead_id) AS cost, row_number() OVER (ORDER BY p.lead_id) AS n
    FROM (${scannedIds(filter, scan, params)}) p CROSS JOIN leads x ON x.unit = ?1 AND x.lead_id = p.lead_id`;
  const fits = `FILTER (WHERE q.n = 1 OR (q.n < ${params.add(scan.leads)} AND q.cost <= ${params.add(statements)}))`;
  return db.sql(
    `SELECT max(q.lead_id) ${fits} AS last, count(*) AS scanned, count(*) ${fits} AS taken FROM (${costs}) q`,
    ...params.values,
  );
}
