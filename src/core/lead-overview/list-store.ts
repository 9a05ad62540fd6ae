/**
 * SQL of the list of leads, newest first. One filter drives: the words of a search, an owner, an account, a status but `new`, each by its
 * index, or else the key. The others are checked on the way, for at most as many leads as the caller says: no statement reads them all.
 */
import type { Statement, UnitDb } from "../../context";
import { DAY_MS } from "../../time";
import type { LeadStatus } from "../../vocabulary";
import { matching, Params, type SearchTerm } from "../leads";
import type { LeadScoreRow } from "../scoring";
import { hasWord } from "./has-word";

export type ListFilter = {
  ids?: readonly string[] | undefined;
  terms: readonly SearchTerm[];
  /** words that too many leads share to drive the list: see `withoutWideWords` */
  wide: readonly SearchTerm[];
  status: LeadStatus | undefined;
  owner_id: string | undefined;
  account_id: string | undefined;
  /** a purpose that was granted */
  consent: string | undefined;
  has: "email" | "phone" | undefined;
  attributes: readonly (readonly [key: string, value: string])[];
  type_key: string | undefined;
  active_since: number | undefined;
  updated_since: number | undefined;
  /** ms, the end exclusive */
  created: { from: number; until: number } | null;
};

/** Where a scan continues: after this lead id, past `skip` leads, over at most `leads`; newest first unless it is ascending. */
export type Scan = { after: string; skip: number; leads: number; ascending?: true };

/** Sorts after every lead id. */
export const BEFORE_ALL_LEADS = "g";

export type ScannedRow = { [Column in keyof Omit<LeadScoreRow, "lead_id">]: LeadScoreRow[Column] | null } & { lead_id: string };

/** The leads of a scan that pass, newest first, each with its folded score; at most `limit`. */
export function selectScanned(db: UnitDb, filter: ListFilter, scan: Scan, limit: number): Statement<ScannedRow> {
  const params = new Params();
  const ids = scannedIds(filter, scan, params);
  const conditions = conditionsOf(filter, params);
  return db.sql(
    `SELECT p.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM (${ids}) p CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = p.lead_id
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} ORDER BY p.lead_id DESC LIMIT ${params.add(limit)}`,
    ...params.values,
  );
}

/** How many leads a scan reads, and the last of them. */
export function selectScanEnd(db: UnitDb, filter: ListFilter, scan: Scan): Statement<{ last: string | null; scanned: number }> {
  const params = new Params();
  return db.sql(`SELECT min(lead_id) AS last, count(*) AS scanned FROM (${scannedIds(filter, scan, params)})`, ...params.values);
}

/** How many leads of a scan pass. */
export function selectPassing(db: UnitDb, filter: ListFilter, scan: Scan): Statement<{ passing: number }> {
  const params = new Params();
  const ids = scannedIds(filter, scan, params);
  const conditions = conditionsOf(filter, params);
  return db.sql(
    `SELECT count(*) AS passing FROM (${ids}) p CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = p.lead_id
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`}`,
    ...params.values,
  );
}

/** Whether leads are checked on the way: without, every lead that the driver names passes. */
export const isChecked = (filter: ListFilter): boolean => conditionsOf(filter, new Params()).length > 0;

/** Whether an index narrows the choice of leads. */
export const isDriven = ({ ids, terms, owner_id, account_id, status, created }: ListFilter): boolean =>
  ids !== undefined ||
  terms.length > 0 ||
  owner_id !== undefined ||
  account_id !== undefined ||
  (status !== undefined && status !== "new") ||
  created !== null;

/** SQL of the ids of a scan. */
export function scannedIds(filter: ListFilter, { after, skip, leads, ascending }: Scan, params: Params): string {
  const { created } = filter;
  if (ascending) {
    const from = created && idAt(created.from - DAY_MS) > after ? idAt(created.from - DAY_MS) : after;
    const until = created ? `AND m.lead_id < ${params.add(idAt(created.until + DAY_MS))}` : "";
    return `SELECT m.lead_id FROM (${driverOf(filter, params)}) m WHERE m.lead_id > ${params.add(from)} ${until}
      ORDER BY m.lead_id LIMIT ${params.add(leads)} OFFSET ${params.add(skip)}`;
  }
  // a lead id begins with the time of its creation, but for the milliseconds of a busy writer
  const newest = created && idAt(created.until + DAY_MS) < after ? idAt(created.until + DAY_MS) : after;
  const oldest = created ? `AND m.lead_id >= ${params.add(idAt(created.from - DAY_MS))}` : "";
  return `SELECT m.lead_id FROM (${driverOf(filter, params)}) m WHERE m.lead_id < ${params.add(newest)} ${oldest}
    ORDER BY m.lead_id DESC LIMIT ${params.add(leads)} OFFSET ${params.add(skip)}`;
}

const idAt = (ms: number): string => Math.max(0, ms).toString(16).padStart(12, "0");

function driverOf({ ids, terms, owner_id, account_id, status }: ListFilter, params: Params): string {
  if (ids !== undefined) {
    return `SELECT d.lead_id FROM json_each(${params.add(JSON.stringify(ids))}) r CROSS JOIN leads d ON d.unit = ?1 AND d.lead_id = r.value`;
  }
  const none = { status: undefined, source: undefined };
  const words = terms.length > 0 ? matching({ ...none, terms }, params) : null;
  if (words !== null) return words;
  const byColumn = (column: "owner" | "account", value: string) =>
    `SELECT d.lead_id FROM leads d INDEXED BY leads_by_${column} WHERE d.unit = ?1 AND d.${column}_id = ${params.add(value)}`;
  if (owner_id !== undefined) return byColumn("owner", owner_id);
  if (account_id !== undefined) return byColumn("account", account_id);
  const byStatus = status === undefined || status === "new" ? null : matching({ ...none, terms, status }, params);
  return byStatus ?? "SELECT d.lead_id FROM leads d WHERE d.unit = ?1";
}

/** What the driver does not say already. */
export function conditionsOf(filter: ListFilter, params: Params): string[] {
  const { terms, owner_id, account_id, status, consent, has, type_key } = filter;
  const found = filter.wide.map((term) => hasWord(term, params));
  const check = (column: string, comparison: string, value: string | number | undefined) => {
    if (value !== undefined) found.push(`${column} ${comparison} ${params.add(value)}`);
  };
  const searched = terms.length > 0;
  check("l.owner_id", "=", searched ? owner_id : undefined);
  check("l.account_id", "=", searched || owner_id !== undefined ? account_id : undefined);
  const drivenByStatus = !searched && owner_id === undefined && account_id === undefined && status !== "new";
  check("l.status", "=", drivenByStatus ? undefined : status);
  if (consent !== undefined) found.push(`l.consent->(${params.add(`$."${consent}"`)})->>0 = 1`);
  if (has) {
    found.push(
      `CASE WHEN l.shown_${has} IS NULL THEN EXISTS (SELECT 1 FROM json_each(l.aliases) x WHERE x.value->>0 = '${has}') ELSE l.shown_${has} <> '' END`,
    );
  }
  for (const [key, value] of filter.attributes) {
    const path = params.add(`$."${key}"`);
    found.push(
      `CASE json_type(l.profile, ${path}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(l.profile->>${path} AS TEXT) END = ${params.add(value)}`,
    );
  }
  check(
    "(SELECT e.type_key FROM events e WHERE e.unit = ?1 AND e.lead_id = l.lead_id ORDER BY e.occurred_at DESC, e.event_id DESC LIMIT 1)",
    "=",
    type_key,
  );
  check("s.last_event_at", ">=", filter.active_since);
  check("l.updated_at", ">=", filter.updated_since);
  check("l.created_at", ">=", filter.created?.from);
  check("l.created_at", "<", filter.created?.until);
  return found;
}
